# Reference values of the survival cores with case weights and clusters, of Nelson–Aalen, of quantiles and of the Greenwood-type variance.
#
# Run from the root of the repository:  Rscript tests/reference/weighted_survival_reference.R
# Reads tests/data/mvad_spells.csv and tests/reference/small_spells.csv; writes data_weighted_spells.csv and weighted_survival.csv beside this
# script. Continuous integration reads the stored values and needs no R.
#
# The public sets are those of R's package survival: lung (Loprinzi 1994), veteran (Kalbfleisch & Prentice 1980), colon (Moertel 1990; both
# outcomes of each patient), heart (Crowley & Hu 1977; rows (start, stop]), mgus2 (Kyle 2002; time is age in months, so that entry is
# delayed). What weighs is chosen for its unequal numbers, not for its meaning.
#
# Conventions made explicit:
# * who enters at 0 is at risk at 0: with delayed entry R is given the start -1 for them (R drops rows where start == stop);
# * robust: survfit with weights and cluster, std.err on the probability (infinitesimal jackknife); unweighted rows are weight 1, unclustered
#   rows are clusters of their own;
# * a multi-state survfit of 3.5.3 passes over cluster (it sums per id, and an id cannot come back): every row has an id of its own, and
#   R's influence of each row times its weight is summed per cluster here; with clusters of one row that is its std.err (checked below);
# * frequency: survfit with weights and robust = FALSE; std.err is then on log S (stored as se_log);
# * greenwood: trcov of etm, rows unweighted, all times one later (etm begins at 0 and takes who enters then to be at risk after it);
# * limits of the cumulative hazard are worked out here from cumhaz and std.chaz: H exp(+-z se / H), and H +- z se cut at 0.
# * where R's S is 0 but for rounding (weights that do not cancel), limits are stored as where it is 0: 0 (plain) or
#   not defined.
# Of long curves some ten times are stored, the last one among them.
library(survival)
suppressMessages(library(etm))

small <- read.csv("tests/reference/small_spells.csv")
mvad <- read.csv("tests/data/mvad_spells.csv")
known <- function(spells) spells[complete.cases(spells), ]
pieces <- split(small[, c("entry", "exit", "cause")], factor(small$case, unique(small$case)))
pieces <- lapply(pieces, function(spells) transform(
  spells, weight = rep_len(c(0.5, 2, 1.25, 0.3, 1), nrow(spells)), cluster = (seq_len(nrow(spells)) * 2) %% 5 %/% 2))
observed <- mvad[mvad$observed == 1, ]
aged <- head(known(mgus2[, c("id", "age", "sex", "hgb", "ptime", "pstat", "futime", "death")]), 600)
public <- list(
  mvad = data.frame(entry = 0, exit = mvad$time, cause = mvad$status, weight = mvad$weight, cluster = mvad$id),
  mvad_delayed_entry = with(observed, data.frame(entry, exit = time, cause = status, weight, cluster = id)),
  lung = known(with(lung, data.frame(entry = 0, exit = time, cause = status - 1, weight = age / 60, cluster = inst))),
  veteran = with(veteran, data.frame(entry = 0, exit = time, cause = status, weight = karno / 50, cluster = as.integer(celltype))),
  colon = with(colon[colon$id <= 300, ], data.frame(entry = 0, exit = time, cause = status * etype, weight = age / 60, cluster = id)),
  heart = with(heart, data.frame(entry = start, exit = stop, cause = event, weight = 1 + 0.5 * (surgery == 1), cluster = id)),
  mgus2 = with(aged, data.frame(
    entry = age * 12, exit = age * 12 + ifelse(pstat == 1, ptime, futime), cause = ifelse(pstat == 1, 1, 2 * death),
    weight = hgb / 12, cluster = 2 * (age %/% 5) + (sex == "F"))))
public <- lapply(public, function(spells) spells[spells$exit > spells$entry, ])
cases <- c(pieces, public)
rows <- do.call(rbind, lapply(names(cases), function(case) data.frame(case = case, cases[[case]])))
rows$weight <- round(rows$weight, 6)
write.csv(rows, "tests/reference/data_weighted_spells.csv", row.names = FALSE, quote = FALSE)
cases <- split(rows, factor(rows$case, unique(rows$case)))

as_start <- function(entry) ifelse(entry == 0, -1, entry)
response <- function(spells, status) {
  if (any(spells$entry > 0)) Surv(as_start(spells$entry), spells$exit, status) else Surv(spells$exit, status)
}
variants <- list(
  weighted = function(spells) transform(spells, cluster = seq_len(nrow(spells))),
  clustered = function(spells) transform(spells, weight = 1),
  both = identity)

stack <- function(case, estimator, variant, time, ..., cause = 1, software = "R survival") {
  columns <- list(...)
  shown <- unique(c(seq(1, length(time), by = max(1, ceiling(length(time) / 10))), length(time)))
  version <- as.character(packageVersion(sub("R ", "", software)))
  do.call(rbind, lapply(names(columns), function(name) data.frame(
    case = case, estimator = estimator, variant = variant, cause = cause, time = time[shown], statistic = name,
    value = formatC(as.numeric(columns[[name]])[shown], digits = 13, format = "g", width = 1), software = software, version = version)))
}
hazard_columns <- function(fit) {
  z <- qnorm(0.975)
  h <- fit$cumhaz
  se <- fit$std.chaz
  width <- exp(z * se / h)
  list(hazard = h, se = se, lower_log = ifelse(h > 0, h / width, NA), upper_log = ifelse(h > 0, h * width, NA),
       lower_plain = pmax(h - z * se, 0), upper_plain = h + z * se)
}
one_event <- function(case, variant) {
  spells <- variants[[variant]](cases[[case]])
  fit <- lapply(c("log-log", "log", "plain"), function(interval) survfit(
    response(spells, as.integer(spells$cause > 0)) ~ 1, data = spells, weights = weight, cluster = cluster, robust = TRUE,
    conf.type = interval))
  stopifnot(!fit[[1]]$logse)
  limits <- list("lower_log-log" = fit[[1]]$lower, "upper_log-log" = fit[[1]]$upper, lower_log = fit[[2]]$lower,
                 upper_log = fit[[2]]$upper, lower_plain = fit[[3]]$lower, upper_plain = fit[[3]]$upper)
  on_log <- grepl("log", names(limits))
  ended <- fit[[1]]$surv < 1e-12
  limits[on_log] <- lapply(limits[on_log], function(limit) ifelse(ended, NA, limit))
  limits[!on_log] <- lapply(limits[!on_log], function(limit) ifelse(ended, 0, limit))
  columns <- list(n_at_risk = fit[[1]]$n.risk, n_event = fit[[1]]$n.event, survival = fit[[1]]$surv, se = fit[[1]]$std.err)
  rbind(
    do.call(stack, c(list(case, "kaplan_meier", variant, fit[[1]]$time), columns, if (variant == "both") limits)),
    do.call(stack, c(list(case, "nelson_aalen", variant, fit[[1]]$time), hazard_columns(fit[[1]]))))
}
frequency <- function(case) {
  spells <- cases[[case]]
  weighted <- survfit(response(spells, as.integer(spells$cause > 0)) ~ 1, data = spells, weights = weight, robust = FALSE)
  plain <- survfit(response(spells, as.integer(spells$cause > 0)) ~ 1, data = spells)
  stopifnot(weighted$logse, plain$logse)
  rbind(stack(case, "kaplan_meier", "frequency", weighted$time, survival = weighted$surv, se_log = weighted$std.err),
        do.call(stack, c(list(case, "nelson_aalen", "frequency", weighted$time), hazard_columns(weighted))),
        do.call(stack, c(list(case, "nelson_aalen", "plain", plain$time), hazard_columns(plain))))
}
incidences <- function(case, variant) {
  spells <- variants[[variant]](cases[[case]])
  spells$id <- seq_len(nrow(spells))
  n_causes <- max(2, spells$cause)
  status <- factor(spells$cause, 0:n_causes, c("censored", paste0("cause", 1:n_causes)))
  fit <- survfit(response(spells, status) ~ 1, data = spells, id = id, weights = weight, influence = TRUE, conf.type = "log-log")
  influence <- fit$influence.pstate[, -1, , drop = FALSE] * spells$weight
  se <- sqrt(apply(influence, 3, function(of_state) colSums(rowsum(of_state, spells$cluster)^2)))
  se <- matrix(se, nrow = length(fit$time))
  if (variant == "weighted") stopifnot(all.equal(se, unname(fit$std.err)))
  do.call(rbind, lapply(seq_len(n_causes), function(k) {
    j <- match(paste0("cause", k), fit$states)
    stack(case, "aalen_johansen", variant, fit$time, cif = fit$pstate[, j], se = se[, j], cause = k)
  }))
}
greenwood <- function(case) {
  spells <- cases[[case]]
  n_causes <- max(2, spells$cause)
  states <- as.character(0:n_causes)
  tra <- matrix(FALSE, n_causes + 1, n_causes + 1, dimnames = list(states, states))
  tra[1, -1] <- TRUE
  long <- data.frame(id = seq_len(nrow(spells)), from = "0", to = ifelse(spells$cause == 0, "cens", spells$cause),
                     entry = as_start(spells$entry) + 1, exit = spells$exit + 1)
  fit <- etm(long, states, tra, "cens", s = 0)
  do.call(rbind, lapply(seq_len(n_causes), function(k) {
    arrow <- paste(0, k)
    stack(case, "aalen_johansen", "greenwood", fit$time - 1, cif = trprob(fit, arrow), se = sqrt(trcov(fit, arrow)), cause = k,
          software = "R etm")
  }))
}
quantiles <- function(case) {
  spells <- cases[[case]]
  event <- as.integer(spells$cause > 0)
  asked <- c(0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.6, 0.75, 0.9)
  do.call(rbind, lapply(c("plain", "log", "log-log"), function(interval) {
    fits <- list(plain = survfit(response(spells, event) ~ 1, data = spells, conf.type = interval),
                 both = survfit(response(spells, event) ~ 1, data = spells, weights = weight, cluster = cluster, conf.type = interval))
    do.call(rbind, lapply(names(fits), function(variant) {
      q <- quantile(fits[[variant]], asked)
      stack(case, paste0("quantiles_", interval), variant, asked, quantile = q$quantile, lower = q$lower, upper = q$upper)
    }))
  }))
}

values <- do.call(rbind, lapply(names(cases), function(case) rbind(
  do.call(rbind, lapply(names(variants), one_event, case = case)), frequency(case),
  do.call(rbind, lapply(names(variants), incidences, case = case)), quantiles(case))))
with_events <- names(cases)[sapply(cases, function(spells) any(spells$cause > 0))]
values <- rbind(values, do.call(rbind, lapply(with_events, greenwood)))
values$value[grepl("NA|NaN", values$value)] <- ""
write.csv(values, "tests/reference/weighted_survival.csv", row.names = FALSE, quote = FALSE)
