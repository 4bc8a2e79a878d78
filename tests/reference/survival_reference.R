# Reference values of the survival cores, from R's package survival.
#
# Run from the root of the repository:  Rscript tests/reference/survival_reference.R
# Reads tests/data/mvad_spells.csv and tests/reference/small_spells.csv; writes kaplan_meier.csv and aalen_johansen.csv
# beside this script. Continuous integration reads the stored values and needs no R.
#
# Conventions made explicit:
# * who enters at 0 is at risk at 0: with delayed entry R is given the start -1 for them (R drops rows where start == stop);
# * survfit's std.err of a single survival curve is on log S: stored as se_log, and std.err * surv as se;
# * survfit's std.err of a multi-state model is the infinitesimal jackknife on the probability itself.
library(survival)

version <- as.character(packageVersion("survival"))
small <- read.csv("tests/reference/small_spells.csv")
mvad <- read.csv("tests/data/mvad_spells.csv")
mvad_cases <- function() {
  whole <- data.frame(entry = 0, exit = mvad$time, cause = mvad$status)
  delayed <- data.frame(entry = mvad$entry, exit = mvad$time, cause = mvad$status)[mvad$observed == 1, ]
  two <- transform(whole, cause = ifelse(cause == 3, 2, cause))
  list(mvad = whole, mvad_delayed_entry = delayed, mvad_two_causes = two)
}
cases <- c(split(small[, c("entry", "exit", "cause")], factor(small$case, unique(small$case))), mvad_cases())

response <- function(spells, status) {
  if (any(spells$entry > 0)) Surv(ifelse(spells$entry == 0, -1, spells$entry), spells$exit, status)
  else Surv(spells$exit, status)
}

stack <- function(case, key, time, ...) {
  columns <- list(...)
  do.call(rbind, lapply(names(columns), function(name) data.frame(
    case = case, key, time = time, statistic = name, value = formatC(columns[[name]], digits = 13, format = "g", width = 1),
    software = "R survival", version = version)))
}

kaplan_meier <- function(case, interval) {
  spells <- cases[[case]]
  fit <- survfit(response(spells, as.integer(spells$cause > 0)) ~ 1, conf.type = interval)
  limits <- stack(case, list(interval = interval), fit$time, lower = fit$lower, upper = fit$upper)
  if (interval != "log-log") return(limits)
  rbind(stack(case, list(interval = "any"), fit$time, n_at_risk = fit$n.risk, n_event = fit$n.event,
              survival = fit$surv, se_log = fit$std.err, se = fit$std.err * fit$surv), limits)
}

aalen_johansen <- function(case) {
  spells <- cases[[case]]
  spells$id <- seq_len(nrow(spells))
  n_causes <- max(2, spells$cause)
  status <- factor(spells$cause, 0:n_causes, c("censored", paste0("cause", 1:n_causes)))
  fit <- survfit(response(spells, status) ~ 1, id = id, data = spells, conf.type = "log-log")
  stopifnot(fit$states[1] == "(s0)")
  do.call(rbind, lapply(seq_len(n_causes), function(k) {
    j <- match(paste0("cause", k), fit$states)
    stack(case, list(cause = k), fit$time, n_at_risk = fit$n.risk[, 1], n_event = fit$n.event[, j],
          cif = fit$pstate[, j], se = fit$std.err[, j], lower = fit$lower[, j], upper = fit$upper[, j])
  }))
}

write <- function(values, file) {
  values$value[grepl("NA|NaN", values$value)] <- ""
  write.csv(values, file.path("tests/reference", file), row.names = FALSE, quote = FALSE)
}

intervals <- c("log-log", "log", "plain")
write(do.call(rbind, lapply(names(cases), function(case) do.call(rbind, lapply(intervals, kaplan_meier, case = case)))),
      "kaplan_meier.csv")
write(do.call(rbind, lapply(names(cases), aalen_johansen)), "aalen_johansen.csv")
