# Reference values of the Cox model, from R's package survival.
#
# Run from the root of the repository:  Rscript tests/reference/cox_reference.R
# Reads tests/data/mvad_spells.csv; writes, beside this script, the public data sets of R's survival that are used (data_cox_*.csv: entry,
# exit, event, strata, weight, cluster and covariates, complete rows only), the cases (cox_cases.csv) and the values (cox.csv).
# Continuous integration reads the stored values and needs no R.
#
# Conventions made explicit:
# * who enters at 0 is at risk at 0: with delayed entry R is given the start -1 for them (R drops rows where start == stop);
# * the weights and some clusters are made up from the row's number, to have uneven ones;
# * curves are those of the first row's covariates and stratum, std.err is that of log S;
# * the group of lung_monotone has no event: its own coefficient grows without bound and is not stored.
library(survival)

folder <- "tests/reference"
version <- as.character(packageVersion("survival"))
uneven <- function(n) (seq_len(n) %% 5 + 1) / 2
rows <- function(entry, exit, event, covariates, strata = 0, weight = NULL, cluster = NULL) {
  n <- length(exit)
  if (is.null(weight)) weight <- uneven(n)
  if (is.null(cluster)) cluster <- seq_len(n) %/% 3
  columns <- data.frame(entry, exit, event = as.integer(event), strata, weight, cluster, covariates)
  columns[complete.cases(columns), ]
}
dummies <- function(factor) {
  matrix <- model.matrix(~ factor)[, -1, drop = FALSE]
  colnames(matrix) <- make.names(levels(factor)[-1])
  matrix
}
pbcseq_rows <- function() {
  visits <- pbcseq[order(pbcseq$id, pbcseq$day), ]
  last <- !duplicated(visits$id, fromLast = TRUE)
  stop <- ifelse(last, visits$futime, c(visits$day[-1], NA))
  kept <- stop > visits$day
  rows(visits$day, stop, last & visits$status == 2,
    data.frame(log_bili = log(visits$bili), albumin = visits$albumin, age = visits$age),
    strata = visits$trt, cluster = visits$id)[kept, ]
}
mvad <- subset(read.csv("tests/data/mvad_spells.csv"), observed == 1)
sets <- list(
  lung = with(lung, rows(0, time, status == 2, data.frame(age, sex, ph.ecog), strata = inst, cluster = inst)),
  lung_monotone = with(lung, rows(0, time, status == 2, data.frame(age, sex, without = as.integer(status == 1 & age > 60)))),
  veteran = with(veteran, rows(0, time, status, data.frame(trt, karno, diagtime, age, dummies(celltype)), strata = prior)),
  colon = with(colon, rows(0, time, status, data.frame(dummies(rx), age, sex, nodes), strata = etype, cluster = id)),
  pbc = with(pbc, rows(0, time, status == 2, data.frame(age, edema, log_bili = log(bili), albumin, protime), strata = sex)),
  pbcseq = pbcseq_rows(),
  heart = with(heart, rows(start, stop, event, data.frame(age, year, surgery, transplant = as.integer(transplant) - 1), cluster = id)),
  stanford2 = with(stanford2, rows(0, time, status, data.frame(age, t5))),
  mgus2 = with(mgus2, rows(age * 12, age * 12 + futime, death, data.frame(male = as.integer(sex == "M"), hgb, creat, mspike))),
  mvad = with(mvad, rows(entry, time, status == 1, data.frame(male, gcse5eq, funemp, catholic), strata = area, weight = weight, cluster = id))
)
sets$mgus2 <- sets$mgus2[sets$mgus2$exit > sets$mgus2$entry, ]
for (name in names(sets)) write.csv(sets[[name]], file.path(folder, paste0("data_cox_", name, ".csv")), row.names = FALSE, quote = FALSE)

plain <- data.frame(case = names(sets), data = names(sets), ties = "efron", strata = 0, weight = 0, cluster = 0)
own <- names(sets)[names(sets) != "lung_monotone"]
variant <- function(suffix, data, ...) data.frame(case = paste(data, suffix, sep = "_"), data = data, ...)
with_strata <- c("lung", "veteran", "colon", "pbc", "pbcseq", "mvad")
cases <- rbind(plain,
  variant("breslow", own, ties = "breslow", strata = 0, weight = 0, cluster = 0),
  variant("strata", with_strata, ties = "efron", strata = 1, weight = 0, cluster = 0),
  variant("weight", own, ties = "efron", strata = 0, weight = 1, cluster = 0),
  variant("cluster", own, ties = "efron", strata = 0, weight = 0, cluster = 1),
  variant("all", with_strata, ties = "efron", strata = 1, weight = 1, cluster = 1),
  variant("all_breslow", with_strata, ties = "breslow", strata = 1, weight = 1, cluster = 1))
write.csv(cases, file.path(folder, "cox_cases.csv"), row.names = FALSE, quote = FALSE)

fitted <- function(case) {
  data <- sets[[case$data]]
  covariates <- setdiff(names(data), c("entry", "exit", "event", "strata", "weight", "cluster"))
  data$enter <- ifelse(data$entry == 0, -1, data$entry)
  response <- if (any(data$entry > 0)) "Surv(enter, exit, event)" else "Surv(exit, event)"
  formula <- as.formula(paste(response, "~", paste(covariates, collapse = " + "), if (case$strata) "+ strata(strata)"))
  arguments <- list(formula, data = data, ties = case$ties, robust = as.logical(case$cluster), x = TRUE)
  if (case$weight) arguments$weights <- data$weight
  if (case$cluster) arguments$cluster <- data$cluster
  list(model = suppressWarnings(do.call(coxph, arguments)), first = data[1, ], covariates = covariates)
}
stack <- function(case, statistic, key, value) data.frame(
  case = case, statistic, key, value = formatC(value, digits = 13, format = "g", width = 1), software = "R survival", version = version)
values_of <- function(case) {
  fit <- fitted(case)
  model <- fit$model
  name <- case$case
  scalars <- c(loglik_null = model$loglik[1], loglik = model$loglik[2], likelihood_ratio = 2 * diff(model$loglik), score = model$score)
  if (case$data == "lung_monotone") return(stack(name, names(scalars), "", scalars))
  naive <- if (case$cluster) model$naive.var else model$var
  scalars <- c(scalars, wald = unname(model$wald.test), if (case$cluster) c(robust_score = model$rscore))
  zph <- lapply(c("km", "identity", "rank", "log"), function(transform) {
    table <- cox.zph(model, transform = transform, terms = FALSE)$table
    stack(name, paste0("zph_", transform), sub("GLOBAL", "", rownames(table)), table[, "chisq"])
  })
  curve <- survfit(model, newdata = fit$first, conf.type = "log-log")
  curve <- summary(curve, times = quantile(curve$time[curve$n.event > 0], c(0.1, 0.5, 0.9), type = 1))
  rbind(
    stack(name, "coefficient", fit$covariates, coef(model)), stack(name, "se", fit$covariates, sqrt(diag(model$var))),
    stack(name, "model_se", fit$covariates, sqrt(diag(naive))), stack(name, names(scalars), "", scalars), do.call(rbind, zph),
    stack(name, "survival", curve$time, curve$surv), stack(name, "se_of_survival", curve$time, curve$std.err),
    stack(name, "lower", curve$time, curve$lower), stack(name, "upper", curve$time, curve$upper))
}
standardised <- function() {
  fit <- fitted(cases[cases$case == "lung", ])
  times <- c(100, 365, 730)
  curves <- summary(survfit(fit$model, newdata = sets$lung), times = times)$surv
  stack("lung", "standardised", times, rowMeans(curves))
}
influences <- function(case) {
  changes <- residuals(fitted(cases[cases$case == case, ])$model, "dfbeta")[1:5, ]
  stack(case, paste0("influence_", rep(1:ncol(changes), each = 5)), rep(1:5, ncol(changes)), c(changes))
}
values <- c(lapply(seq_len(nrow(cases)), function(place) values_of(cases[place, ])),
  list(standardised()), lapply(c("lung_weight", "veteran_breslow", "mvad_weight"), influences))
write.csv(do.call(rbind, values), file.path(folder, "cox.csv"), row.names = FALSE, quote = FALSE)
