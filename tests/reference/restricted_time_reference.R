# Reference values of restricted mean times and times lost, from R's package survival.
#
# Run from the root of the repository:  Rscript tests/reference/restricted_time_reference.R
# Reads tests/data/mvad_spells.csv and tests/reference/small_spells.csv; writes restricted_time_spells.csv (the public sets of
# the package survival, only the columns needed), restricted_time.csv and restricted_contrast.csv beside this script.
# Continuous integration reads the stored values and needs no R.
#
# Conventions made explicit:
# * who enters at 0 is at risk at 0: with delayed entry R is given the start -1 for them (R drops rows where start == stop);
# * se_greenwood is that of print(survfit, rmean = horizon), whose formula takes weights as numbers of equal rows;
# * se of the mean and of the time lost is the infinitesimal jackknife. Version 3.5.3 prints none for a multi-state model, so it is
#   summed from the influence that survfit returns (of a multi-state model: unweighted and per row, so that weights and clusters are
#   applied here; with an id it passes over its argument cluster); residuals(fit, type = "auc"), which fails on a few rows,
#   must agree wherever there are more than 100;
# * rows of weight 0 are left out before R sees them.
library(survival)

version <- as.character(packageVersion("survival"))
spells <- function(exit, cause, entry = 0, weight = 1, cluster = seq_along(exit), group = 1)
  data.frame(entry = entry, exit = exit, cause = cause, weight = weight, cluster = cluster, group = group)

small <- read.csv("tests/reference/small_spells.csv")
small_cases <- lapply(split(small, factor(small$case, unique(small$case))), function(s) spells(s$exit, s$cause, s$entry))
mvad <- read.csv("tests/data/mvad_spells.csv")
mvad_cases <- with(mvad, list(
  mvad = spells(time, status, weight = weight, cluster = id, group = male + 1),
  mvad_delayed_entry = spells(time, status, entry, weight, id, male + 1)[observed == 1, ]))
mgus <- transform(mgus2, cause = ifelse(pstat == 1, 1, 2 * death), exit = ifelse(pstat == 1, ptime, futime))
arms <- subset(pbc, !is.na(trt))
two_arms <- subset(colon, rx != "Lev")
public_cases <- list(
  lung = with(lung, spells(time, status - 1, weight = round(age / 60, 3), cluster = inst, group = sex)[!is.na(inst), ]),
  veteran = with(veteran, spells(time, status, weight = prior / 10, group = trt)),
  pbc = with(arms, spells(time / 365.25, status, weight = 1 + (edema > 0), cluster = ceiling(id / 2), group = trt)),
  mgus2 = with(mgus, spells(exit, cause, group = as.integer(sex))),
  mgus2_delayed_entry = with(mgus, spells(exit, cause, entry = 3 * (id %% 3), group = as.integer(sex))[exit > 6, ]),
  colon = with(two_arms, spells(time, status * etype, cluster = id, group = ifelse(rx == "Obs", 1, 2))),
  heart = with(heart, spells(stop, event, start, cluster = id, group = as.integer(surgery) + 1)))
public <- do.call(rbind, lapply(names(public_cases), function(case) cbind(case = case, public_cases[[case]])))
write.csv(public, "tests/reference/restricted_time_spells.csv", row.names = FALSE, quote = FALSE)
horizons <- c(lapply(small_cases, function(s) unique(c(min(max(2.5, s$exit[1]), max(s$exit)), max(s$exit)))),
              list(mvad = c(12, 24.5), mvad_delayed_entry = c(12, 24.5), lung = c(180, 365.25), veteran = c(90, 365),
                   pbc = c(5, 10), mgus2 = c(60, 240), mgus2_delayed_entry = c(60, 240), colon = c(365, 1826), heart = c(30, 365)))
cases <- c(small_cases, mvad_cases, public_cases)

response <- function(s, status) {
  if (any(s$entry > 0)) Surv(ifelse(s$entry == 0, -1, s$entry), s$exit, status) else Surv(s$exit, status)
}

# The integral up to the horizon of a step function that is 0 before the first of the times: one column per time.
area <- function(values, times, horizon) {
  within <- times < horizon
  if (!any(within)) return(rep(0, nrow(values)))
  drop(values[, within, drop = FALSE] %*% diff(c(times[within], horizon)))
}

# The influence of each row or cluster at each time: survfit may keep the value at the start as a first column, which is left out.
at_times <- function(influence, n_rows, n_times) {
  columns <- matrix(influence, nrow = n_rows)
  columns[, ncol(columns) - (n_times - 1):0, drop = FALSE]
}

agree <- numeric(0)
compare <- function(fit, s, influence, columns, horizon) {
  s <<- s  # residuals looks for the data of the fit by name
  residual <- as.matrix(residuals(fit, times = horizon, type = "auc", weighted = TRUE))[, columns, drop = FALSE]
  agree <<- c(agree, max(abs(colSums(residual^2) - colSums(influence^2)) / pmax(colSums(influence^2), 1e-9)))
}

mean_time <- function(s, horizon, clustered = FALSE) {
  s$row <- seq_len(nrow(s))
  s$group_of <- if (clustered) s$cluster else s$row
  s$left <- as.integer(s$cause > 0)
  greenwood <- survfit(response(s, left) ~ 1, data = s, weights = weight)
  table <- summary(greenwood, rmean = horizon)$table
  fit <- survfit(response(s, left) ~ 1, data = s, weights = weight, cluster = group_of, robust = TRUE, influence = 1)
  influence <- area(at_times(fit$influence.surv, length(unique(s$group_of)), length(fit$time)), fit$time, horizon)
  if (!clustered && nrow(s) > 100) compare(fit, s, as.matrix(influence), 1, horizon)
  c(time = table[["rmean"]], se = sqrt(sum(influence^2)), se_greenwood = table[["se(rmean)"]])
}

time_lost <- function(s, horizon, clustered = FALSE) {
  s$row <- seq_len(nrow(s))
  s$group_of <- if (clustered) s$cluster else s$row
  n_causes <- max(2, s$cause)
  names <- paste0("cause", 1:n_causes)
  s$status <- factor(s$cause, 0:n_causes, c("censored", names))
  fit <- survfit(response(s, status) ~ 1, data = s, weights = weight, id = row, influence = TRUE)
  at <- match(names, fit$states)
  time <- sapply(at, function(j) area(t(fit$pstate[, j]), fit$time, horizon))
  of_state <- function(j) area(at_times(fit$influence.pstate[, , j], nrow(s), length(fit$time)), fit$time, horizon)
  influence <- rowsum(matrix(sapply(at, of_state), ncol = n_causes) * s$weight, s$group_of)
  if (!clustered && nrow(s) > 100) compare(fit, s, influence, at, horizon)
  without <- function(causes) sqrt(sum(rowSums(influence[, causes, drop = FALSE])^2))
  list(time = time, se = sqrt(colSums(influence^2)),
       without = c(without_time = horizon - time[1], without_se = without(1),
                   without_two_time = horizon - sum(time[1:2]), without_two_se = without(1:2)))
}

variants <- list(unweighted = list(FALSE, FALSE), weighted = list(TRUE, FALSE), clustered = list(TRUE, TRUE))
rows <- function(case, variant) do.call(rbind, lapply(horizons[[case]], function(horizon) {
  s <- cases[[case]]
  if (!variants[[variant]][[1]]) s$weight <- 1
  s <- s[s$weight > 0, ]
  mean <- mean_time(s, horizon, variants[[variant]][[2]])
  lost <- time_lost(s, horizon, variants[[variant]][[2]])
  causes <- seq_along(lost$time)
  values <- data.frame(cause = c(rep(0, length(mean)), causes, causes, rep(1, length(lost$without))),
                       statistic = c(names(mean), rep(c("time", "se"), each = length(causes)), names(lost$without)),
                       value = c(mean, lost$time, lost$se, lost$without))
  cbind(case = case, variant = variant, horizon = horizon, values)
}))

contrasts <- function(case) do.call(rbind, lapply(horizons[[case]], function(horizon) {
  s <- transform(cases[[case]], weight = 1)
  z <- qnorm(0.975)
  of <- function(group) {
    part <- s[s$group == group, ]
    mean <- mean_time(part, horizon)
    lost <- time_lost(part, horizon)
    data.frame(cause = c(0, seq_along(lost$time)), time = c(mean[["time"]], lost$time), se = c(mean[["se"]], lost$se))
  }
  one <- of(1); two <- of(2)
  both <- one$cause %in% two$cause & one$time > 0 & two$time > 0
  one <- one[both, ]; two <- two[two$cause %in% one$cause, ]
  se <- sqrt(one$se^2 + two$se^2)
  se_log <- sqrt((one$se / one$time)^2 + (two$se / two$time)^2)
  columns <- data.frame(difference = one$time - two$time, difference_se = se, difference_lower = one$time - two$time - z * se,
                        difference_upper = one$time - two$time + z * se, ratio = one$time / two$time,
                        ratio_lower = one$time / two$time * exp(-z * se_log), ratio_upper = one$time / two$time * exp(z * se_log))
  do.call(rbind, lapply(names(columns), function(name) data.frame(case = case, horizon = horizon, cause = one$cause,
                                                                 statistic = name, value = columns[[name]])))
}))

write <- function(values, file) {
  values$value <- formatC(values$value, digits = 13, format = "g", width = 1)
  write.csv(cbind(values, software = "R survival", version = version), file.path("tests/reference", file),
            row.names = FALSE, quote = FALSE)
}

has_variants <- c(names(mvad_cases), "lung", "veteran", "pbc", "colon", "heart")
all_rows <- rbind(do.call(rbind, lapply(names(cases), rows, variant = "unweighted")),
                  do.call(rbind, lapply(has_variants, rows, variant = "weighted")),
                  do.call(rbind, lapply(has_variants, rows, variant = "clustered")))
stopifnot(length(agree) > 50, max(agree) < 1e-9)
write(all_rows, "restricted_time.csv")
write(do.call(rbind, lapply(c(names(mvad_cases), names(public_cases)), contrasts)), "restricted_contrast.csv")
