# Reference values of Fine and Gray's regression, from R's packages cmprsk (crr) and survival (finegray with coxph).
#
# Run from the root of the repository:  Rscript tests/reference/fine_gray_reference.R
# Reads tests/data/mvad_spells.csv; writes fine_gray_spells.csv (public sets of the package survival, only the columns needed) and
# fine_gray.csv beside this script. Continuous integration reads the stored values and needs no R.
#
# Conventions made explicit:
# * crr: events tied with censorings stay in the risk set of censoring; its variance has the weights estimated;
# * finegray: they do not; coxph on its data, with a cluster per person, has the weights as known. Tied events after Breslow, as in crr;
# * days in pbc are whole, with few ties; those in mgus2 and mvad are months, with many.
suppressMessages({library(survival); library(cmprsk)})

mgus <- transform(mgus2, cause = ifelse(pstat == 1, 1, 2 * death), exit = ifelse(pstat == 1, ptime, futime), male = as.integer(sex == "M"))
transplanted <- transform(transplant, since = year - 1995, cause = match(event, c("ltx", "death", "withdraw"), nomatch = 0), male = as.integer(sex == "m"))
of <- function(case, exit, cause, covariates) {
  values <- as.matrix(covariates)
  known <- complete.cases(values) & exit > 0
  data.frame(case = case, exit = exit, cause = cause, values, row.names = NULL)[known, ]
}
named <- function(frame, columns) setNames(frame[columns], paste0("z", seq_along(columns)))
public <- list(
  mgus2 = of("mgus2", mgus$exit, mgus$cause, named(mgus, c("age", "male", "mspike"))),
  pbc = of("pbc", pbc$time, c(0, 2, 1)[pbc$status + 1], named(pbc, c("age", "edema", "bili"))),
  transplant = of("transplant", transplanted$futime, transplanted$cause, named(transplanted, c("age", "male", "since"))))
stored <- do.call(rbind, public)
write.csv(stored, "tests/reference/fine_gray_spells.csv", row.names = FALSE, quote = FALSE)
mvad <- read.csv("tests/data/mvad_spells.csv")
cases <- c(public, list(mvad = of("mvad", mvad$time, mvad$status, named(mvad, c("male", "gcse5eq", "funemp")))))

values <- function(case, cause, software, columns) do.call(rbind, lapply(names(columns), function(name) data.frame(
  case = case, cause = cause, covariate = if (length(columns[[name]]) == 1) 0 else seq_along(columns[[name]]),
  statistic = name, value = formatC(unname(columns[[name]]), digits = 13, format = "g", width = 1), software = software,
  version = as.character(packageVersion(sub("R ", "", software))))))

fits <- function(case, cause) {
  s <- cases[[case]]
  covariates <- c("z1", "z2", "z3")
  theirs <- crr(s$exit, s$cause, as.matrix(s[covariates]), failcode = cause, cencode = 0, gtol = 1e-12, maxiter = 100)
  s$status <- factor(s$cause, 0:max(s$cause))
  s$person <- seq_len(nrow(s))
  data <- finegray(Surv(exit, status) ~ ., data = s, etype = as.character(cause))
  control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
  fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ z1 + z2 + z3, data, weights = fgwt, cluster = person, ties = "breslow", control = control)
  rbind(values(case, cause, "R cmprsk", list(coefficient = theirs$coef, se = sqrt(diag(theirs$var)), log_likelihood = theirs$loglik)),
        values(case, cause, "R survival", list(coefficient = coef(fit), se = sqrt(diag(vcov(fit))), log_likelihood = fit$loglik[2])))
}

runs <- list(list("mgus2", 1), list("mgus2", 2), list("pbc", 1), list("pbc", 2), list("transplant", 1), list("transplant", 2),
             list("mvad", 1), list("mvad", 2))
write.csv(do.call(rbind, lapply(runs, function(run) do.call(fits, run))), "tests/reference/fine_gray.csv",
          row.names = FALSE, quote = FALSE)
