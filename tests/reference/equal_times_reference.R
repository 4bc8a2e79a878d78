# Reference values for times that are equal up to rounding, from R's packages survival and cmprsk.
#
# Run from the root of the repository:  Rscript tests/reference/equal_times_reference.R
# Writes data_equal_times.csv (17 digits, so that the rounding is there when it is read) and equal_times.csv beside this script.
# Continuous integration reads the stored values and needs no R.
#
# Conventions made explicit:
# * survfit, survdiff, coxph and finegray treat times as equal that differ by less than sqrt(eps), or by less than that share of the mean
#   of the distinct times (timefix, aeqSurv); the script stops unless that changes how many times there are;
# * cuminc (Gray's test) has no such rule: it is given the times as aeqSurv leaves them;
# * who enters at 0 is at risk at 0: with delayed entry R is given the start -1 for them;
# * an interval that collapses is an error of aeqSurv in R: stored as 1 where R stops.
suppressMessages({library(survival); library(cmprsk)})

# The same times made in several ways, one after the other: k / 10, k * 0.1, 0.1 added k times.
turns <- function(k) ifelse(seq_along(k) %% 3 == 0, k / 10, ifelse(seq_along(k) %% 3 == 1, k * 0.1, cumsum(rep(0.1, 200))[k]))
of <- function(case, entry, exit, cause, x, group) data.frame(case, entry, exit, cause, x, group)
number <- seq_len(90)
tenths <- of("tenths", 0, turns(3 + (number * 7) %% 31), (number * 5) %% 3, (number * 11) %% 13, 1 + number %% 2)
late <- of("late_tenths", c(0, 0, 1) * turns(1 + (number * 3) %% 11), turns(13 + (number * 7) %% 31), (number * 5) %% 4 %% 3,
           (number * 11) %% 13, 1 + number %% 2)
few <- of("few", 0, c(0.3, 0.1 + 0.2, 3 * 1.1, 3.3, 0.3, 4.4, 4 * 1.1, 5), c(1, 2, 1, 1, 0, 0, 1, 2), c(0, 1, 1, 0, 1, 0, 0, 1), c(1, 2, 2, 1, 1, 2, 1, 2))
joined <- of("joined", c(0, 0.1 + 0.2, 0, 0.3, 0, 0.3, 1.1 * 3), c(0.3, 1, 0.1 + 0.2, 3.3, 3 * 1.1, 4, 5), c(0, 1, 1, 2, 1, 1, 2),
             c(0, 0, 1, 2, 1, 0, 1), c(1, 1, 2, 2, 1, 1, 2))
known <- transform(subset(lung, !is.na(ph.ecog)), weeks = ceiling(time / 7))
months <- with(known, of("months", 0, ifelse(age %% 2 == 0, weeks * 7 / 365.25 * 12, weeks / (365.25 / 12 / 7)), (status - 1) * (1 + age %% 2),
                         ph.ecog, sex))
cases <- list(tenths = tenths, late_tenths = late, few = few, joined = joined, months = months)
stored <- do.call(rbind, cases)
stored$entry <- formatC(stored$entry, digits = 17, format = "g", width = 1)
stored$exit <- formatC(stored$exit, digits = 17, format = "g", width = 1)
write.csv(stored, "tests/reference/data_equal_times.csv", row.names = FALSE, quote = FALSE)

response <- function(s, status) {
  if (any(s$entry > 0)) Surv(ifelse(s$entry == 0, -1, s$entry), s$exit, status) else Surv(s$exit, status)
}

values <- function(case, estimator, software, columns) do.call(rbind, lapply(names(columns), function(name) data.frame(
  case = case, estimator = estimator, statistic = name, place = seq_along(columns[[name]]),
  value = formatC(as.vector(columns[[name]]), digits = 13, format = "g", width = 1), software = paste("R", software),
  version = as.character(packageVersion(software)))))

of_case <- function(case) {
  s <- cases[[case]]
  s$id <- seq_len(nrow(s))
  curve <- survfit(response(s, as.integer(s$cause > 0)) ~ 1, data = s)
  stopifnot(length(curve$time) < length(unique(s$exit)))
  s$status <- factor(s$cause, 0:2, c("censored", "cause1", "cause2"))
  incidence <- survfit(response(s, s$status) ~ 1, data = s, id = id)
  horizon <- max(s$exit) / 2
  rate <- coxph(response(s, as.integer(s$cause > 0)) ~ x, data = s)
  robust <- coxph(response(s, as.integer(s$cause > 0)) ~ x, data = s, cluster = id)
  grouped <- coxph(response(s, as.integer(s$cause > 0)) ~ x + strata(group), data = s)
  found <- rbind(
    values(case, "kaplan_meier", "survival", list(times = curve$time, n_at_risk = curve$n.risk, n_event = curve$n.event,
                                                  survival = curve$surv, se_log = curve$std.err)),
    values(case, "nelson_aalen", "survival", list(hazard = curve$cumhaz, se = curve$std.chaz)),
    values(case, "aalen_johansen", "survival", list(cif = incidence$pstate[, -1], se = incidence$std.err[, -1])),
    values(case, "restricted_mean_time", "survival",
           list(time = summary(curve, rmean = horizon)$table[["rmean"]], se = summary(curve, rmean = horizon)$table[["se(rmean)"]])),
    values(case, "cox", "survival", list(coefficients = coef(rate), se = sqrt(diag(vcov(rate))), robust_se = sqrt(diag(vcov(robust))),
                                         stratified = coef(grouped))))
  if (any(s$entry > 0)) return(found)
  fixed <- aeqSurv(Surv(s$exit, s$cause > 0))[, 1]
  gray <- cuminc(fixed, s$cause, s$group)$Tests[, "stat"]
  wide <- finegray(Surv(exit, status) ~ ., data = s, etype = "cause1")
  control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
  fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ x, wide, weights = fgwt, cluster = id, ties = "breslow", control = control)
  rbind(found,
        values(case, "log_rank", "survival", list(chi_square = survdiff(Surv(exit, cause > 0) ~ group, data = s)$chisq)),
        values(case, "gray_test", "cmprsk", list(chi_square = gray)),
        values(case, "fine_gray", "survival", list(coefficients = coef(fit), se_weights_known = sqrt(diag(vcov(fit))))))
}

stops <- function(entry, exit) inherits(try(survfit(Surv(entry, exit, rep(1, length(exit))) ~ 1), silent = TRUE), "try-error")
collapsed <- values("collapsed", "survfit", "survival", list(stops = as.integer(c(stops(c(0, 0.3, 0), c(2, 0.1 + 0.2, 1)), stops(c(0, 0.3, 0), c(2, 0.31, 1))))))
write.csv(rbind(do.call(rbind, lapply(names(cases), of_case)), collapsed), "tests/reference/equal_times.csv", row.names = FALSE, quote = FALSE)
