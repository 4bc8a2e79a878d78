# Reference values of Gray's test, from R's package cmprsk.
#
# Run from the root of the repository:  Rscript tests/reference/gray_test_reference.R
# Reads tests/data/mvad_spells.csv and tests/reference/small_spells.csv; writes data_gray_test.csv (columns of the public data sets mgus2,
# pbc and transplant of R's package survival, as in the package) and gray_test.csv. Continuous integration needs no R.
#
# cuminc gives the statistic -1 where the variance does not have full rank: stored as missing. Its p-value is 1 - pchisq.
library(survival)
library(cmprsk)

version <- as.character(packageVersion("cmprsk"))

public <- rbind(
  data.frame(case = "mgus2", exit = ifelse(mgus2$pstat == 1, mgus2$ptime, mgus2$futime),
             cause = ifelse(mgus2$pstat == 1, 1, 2 * mgus2$death), group = cut(mgus2$age, c(0, 60, 70, 80, 200), labels = FALSE),
             stratum = as.integer(mgus2$sex)),
  data.frame(case = "pbc", exit = pbc$time, cause = pbc$status, group = pbc$stage, stratum = as.integer(pbc$sex)),
  data.frame(case = "pbc_treatment", exit = pbc$time, cause = pbc$status, group = pbc$trt, stratum = pbc$stage),
  data.frame(case = "transplant", exit = transplant$futime, cause = as.integer(transplant$event) - 1, group = as.integer(transplant$abo),
             stratum = as.integer(transplant$sex)))
public <- public[complete.cases(public), ]
write.csv(public, "tests/reference/data_gray_test.csv", row.names = FALSE, quote = FALSE)

mvad <- read.csv("tests/data/mvad_spells.csv")
small <- read.csv("tests/reference/small_spells.csv")
small <- small[ave(small$entry, small$case, FUN = max) == 0 & ave(small$cause, small$case, FUN = max) > 0 & small$case != "one_subject", ]
small$row <- ave(seq_along(small$case), small$case, FUN = seq_along)
small$group <- c("b", "a")[small$row %% 2 + 1]
small$stratum <- as.integer(small$row > 4)
columns <- c("exit", "cause", "group", "stratum")
cases <- c(split(public[, columns], factor(public$case, unique(public$case))),
           list(mvad = data.frame(exit = mvad$time, cause = mvad$status, group = mvad$prev_state, stratum = mvad$male)),
           split(small[, columns], factor(small$case, unique(small$case))))

tests <- function(case, stratified, rho) {
  spells <- cases[[case]]
  if (!stratified) spells$stratum <- 1
  found <- cuminc(spells$exit, spells$cause, spells$group, spells$stratum, rho = rho)$Tests
  defined <- ifelse(found[, "stat"] == -1, NA, 1)
  digits <- function(values) formatC(values * defined, digits = 13, format = "g", width = 1)
  data.frame(case = case, stratified = as.integer(stratified), rho = rho, cause = rownames(found), chi_square = digits(found[, "stat"]),
             df = found[, "df"], p = digits(found[, "pv"]), software = "R cmprsk", version = version)
}

values <- do.call(rbind, lapply(names(cases), function(case) do.call(rbind, lapply(c(FALSE, TRUE), function(stratified)
  do.call(rbind, lapply(c(0, 1, -0.5), function(rho) tests(case, stratified, rho)))))))
values[values == "NA"] <- ""
write.csv(values, "tests/reference/gray_test.csv", row.names = FALSE, quote = FALSE)
