# R's limits on the replicates that python -m tests.recovery.coverage has drawn; it runs this script itself.
#
# Rscript tests/recovery/coverage_limits.R FOLDER SIZE FAMILY=REPLICATES ...
# Reads heaped.bin, even.bin, returning.bin and returning_rows.bin in FOLDER (16-bit and 32-bit numbers; of a replicate first all entries,
# then exits, causes, groups), horizons.txt and probabilities.txt; writes FAMILY.bin (lower and upper limit of each interval in the order of
# interval_families.py, 64-bit numbers).
#
# Conventions made explicit, as in tests/reference:
# * who enters at 0 is at risk at 0: R is given the start -1 for them (R drops rows where start == stop);
# * a curve is read where R has it: flat beyond its last time; an upper limit of a quantile that is never reached is infinite;
# * survfit is asked once and its std.err put on the three scales by its own function (checked on the first replicate);
# * survfit 3.5.3 prints neither the infinitesimal jackknife of a mean time nor clusters of a multi-state model: both are summed from the
#   influence that it returns.
library(survival)
suppressMessages(library(etm))

args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]
n <- as.integer(args[2])
asked <- do.call(rbind, strsplit(args[-(1:2)], "="))
n_replicates <- setNames(as.integer(asked[, 2]), asked[, 1])
horizons <- scan(file.path(folder, "horizons.txt"), quiet = TRUE)
probabilities <- scan(file.path(folder, "probabilities.txt"), quiet = TRUE)
scales <- c("plain", "log", "log-log")
causes <- 1:3
z <- qnorm(0.975)

response <- function(s, status) Surv(s$start, s$exit, status)
spells <- function(connection, n_rows) {
  columns <- matrix(readBin(connection, "integer", 4 * n_rows, size = 2), n_rows)
  s <- data.frame(entry = columns[, 1], exit = columns[, 2], cause = columns[, 3], group = columns[, 4])
  s$start <- ifelse(s$entry == 0, -1, s$entry)
  s$row <- seq_len(n_rows)
  s$left <- as.integer(s$cause > 0)
  s$status <- factor(s$cause, c(0, causes))
  s
}
at <- function(fit, values) c(NA, values)[findInterval(horizons, fit$time) + 1]
on_scale <- function(p, se, scale) {
  limits <- survival:::survfit_confint(p, se, logse = FALSE, conf.type = scale, conf.int = 0.95)
  cbind(limits$lower, limits$upper)
}
plain_time <- function(time, se, horizon) {
  if (is.na(se) || se == 0) return(c(NA, NA))
  c(max(time - z * se, 0), min(time + z * se, horizon))
}
# The integral up to the horizon of a step function that is 0 before the first of the times: one row per row of values.
area <- function(values, times, horizon) {
  within <- times < horizon
  drop(values[, within, drop = FALSE] %*% diff(c(times[within], horizon)))
}
# survfit may keep the value at the start as a first column, which is left out.
at_times <- function(influence, n_rows, n_times) {
  columns <- matrix(influence, nrow = n_rows)
  columns[, ncol(columns) - (n_times - 1):0, drop = FALSE]
}

one_event <- function(s) {
  fit <- survfit(response(s, left) ~ 1, data = s)
  lapply(scales, function(scale) {
    limits <- survival:::survfit_confint(fit$surv, fit$std.err, logse = TRUE, conf.type = scale, conf.int = 0.95)
    fit$lower <- limits$lower
    fit$upper <- limits$upper
    fit
  })
}
survival_limits <- function(fits) do.call(rbind, lapply(fits, function(fit) cbind(at(fit, fit$lower), at(fit, fit$upper))))
quantile_limits <- function(fits) do.call(rbind, lapply(fits, function(fit) {
  q <- quantile(fit, probabilities)
  cbind(q$lower, ifelse(is.na(q$upper), Inf, q$upper))
}))
by_state <- function(fit, limits) {
  states <- match(as.character(causes), fit$states)
  do.call(rbind, lapply(states, function(j) limits(at(fit, fit$pstate[, j]), j)))
}
incidence_limits <- function(s) {
  fit <- survfit(response(s, status) ~ 1, data = s, id = row)
  se <- matrix(fit$std.err, length(fit$time))
  do.call(rbind, lapply(scales, function(scale) by_state(fit, function(p, j) on_scale(p, at(fit, se[, j]), scale))))
}
greenwood_limits <- function(s) {
  states <- as.character(c(0, causes))
  tra <- matrix(FALSE, 4, 4, dimnames = list(states, states))
  tra[1, -1] <- TRUE
  long <- data.frame(id = s$row, from = "0", to = ifelse(s$cause == 0, "cens", s$cause), entry = s$start + 1, exit = s$exit + 1)
  fit <- etm(long, states, tra, "cens", s = 0)
  do.call(rbind, lapply(paste(0, causes), function(arrow) {
    k <- findInterval(horizons + 1, fit$time)
    on_scale(c(NA, trprob(fit, arrow))[k + 1], sqrt(c(NA, trcov(fit, arrow))[k + 1]), "log-log")
  }))
}
restricted_greenwood_limits <- function(fit) t(sapply(horizons, function(horizon) {
  table <- summary(fit, rmean = horizon)$table
  plain_time(table[["rmean"]], table[["se(rmean)"]], horizon)
}))
restricted_limits <- function(s) {
  fit <- survfit(response(s, left) ~ 1, data = s, cluster = row, robust = TRUE, influence = 1)
  influence <- at_times(fit$influence.surv, n, length(fit$time))
  t(sapply(horizons, function(horizon) {
    time <- summary(fit, rmean = horizon)$table[["rmean"]]
    plain_time(time, sqrt(sum(area(influence, fit$time, horizon)^2)), horizon)
  }))
}
lost_limits <- function(s) {
  fit <- survfit(response(s, status) ~ 1, data = s, id = row, influence = TRUE)
  do.call(rbind, lapply(match(as.character(causes), fit$states), function(j) {
    influence <- at_times(fit$influence.pstate[, , j], n, length(fit$time))
    t(sapply(horizons, function(horizon) {
      lost <- area(t(fit$pstate[, j]), fit$time, horizon)
      plain_time(lost, sqrt(sum(area(influence, fit$time, horizon)^2)), horizon)
    }))
  }))
}
hazard_ratio_limits <- function(register) {
  fit <- coxph(Surv(start, exit, cause == 1) ~ group, data = register, cluster = row)
  rbind(exp(coef(fit) + c(-z, z) * sqrt(fit$naive.var)), exp(coef(fit) + c(-z, z) * sqrt(fit$var)))
}
returning_survival_limits <- function(s) {
  fits <- list(survfit(response(s, left) ~ 1, data = s, cluster = group, robust = TRUE, conf.type = "log-log"),
               survfit(response(s, left) ~ 1, data = s, conf.type = "log-log"))
  survival_limits(fits)
}
returning_incidence_limits <- function(s) {
  fit <- survfit(response(s, status) ~ 1, data = s, id = row, influence = TRUE)
  of_clusters <- function(clusters) by_state(fit, function(p, j) {
    influence <- at_times(fit$influence.pstate[, , j], nrow(s), length(fit$time))
    influence <- influence[, pmax(findInterval(horizons, fit$time), 1), drop = FALSE]
    on_scale(p, sqrt(colSums(rowsum(influence, clusters)^2)), "log-log")
  })
  rbind(of_clusters(s$group), of_clusters(s$row))
}

check_limits <- function(s, fits) for (scale in scales) {
  fit <- survfit(response(s, left) ~ 1, data = s, conf.type = scale)
  made <- fits[[match(scale, scales)]]
  stopifnot(all.equal(c(made$lower, made$upper), c(fit$lower, fit$upper)))
  fit <- survfit(response(s, status) ~ 1, data = s, id = row, conf.type = scale)
  made <- on_scale(fit$pstate, fit$std.err, scale)
  stopifnot(all.equal(as.vector(made), c(as.vector(fit$lower), as.vector(fit$upper))))
}

families <- list(
  survival = function(r) survival_limits(r$fits), quantile = function(r) quantile_limits(r$fits),
  incidence = function(r) incidence_limits(r$heaped), incidence_greenwood = function(r) greenwood_limits(r$heaped),
  restricted = function(r) restricted_limits(r$heaped), restricted_greenwood = function(r) restricted_greenwood_limits(r$fits[[1]]),
  lost = function(r) lost_limits(r$heaped),
  hazard_ratio = function(r) rbind(hazard_ratio_limits(r$heaped), hazard_ratio_limits(r$even)),
  returning_survival = function(r) returning_survival_limits(r$returning),
  returning_incidence = function(r) returning_incidence_limits(r$returning))
stopifnot(names(n_replicates) %in% names(families))

input <- lapply(c(heaped = "heaped", even = "even", returning = "returning", rows = "returning_rows"),
                function(name) file(file.path(folder, paste0(name, ".bin")), "rb"))
output <- lapply(setNames(nm = names(n_replicates)), function(name) file(file.path(folder, paste0(name, ".bin")), "wb"))
spent <- setNames(numeric(length(n_replicates)), names(n_replicates))
for (i in seq_len(max(n_replicates))) {
  r <- list(heaped = spells(input$heaped, n), even = spells(input$even, n),
            returning = spells(input$returning, readBin(input$rows, "integer", 1)))
  r$fits <- one_event(r$heaped)
  if (i == 1) check_limits(r$heaped, r$fits)
  for (family in names(n_replicates)[n_replicates >= i]) {
    began <- proc.time()[[3]]
    writeBin(as.vector(t(suppressWarnings(families[[family]](r)))), output[[family]])
    spent[family] <- spent[family] + proc.time()[[3]] - began
  }
  if (i %% 500 == 0) message("R, n = ", n, ": ", i, " of ", max(n_replicates), " replicates")
}
invisible(lapply(c(input, output), close))
message("R, n = ", n, ", seconds: ", paste(names(spent), round(spent, 1), collapse = ", "))
