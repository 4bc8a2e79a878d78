# The calls of R that the survival cores are measured beside: Rscript tests/bench/survival.R FOLDER ROWS
#
# Reads FOLDER/rows (doubles, column by column: entry, exit, cause, covariates), times each call with the data already read, writes its
# estimates and variances to FOLDER/<name>.r (doubles), and prints "name;processor seconds", the
# median of up to nine calls that take some two seconds together.
library(survival)

given <- commandArgs(trailingOnly = TRUE)
n <- as.integer(given[2])
columns <- matrix(readBin(file.path(given[1], "rows"), "double", n = file.size(file.path(given[1], "rows")) / 8), nrow = n)
spells <- as.data.frame(columns)
names(spells) <- c("entry", "exit", "cause", "x1", "x2", "x3", "x4", "x5")
spells$id <- seq_len(n)
spells$status <- factor(spells$cause, 0:3, c("censored", "cause1", "cause2", "cause3"))
model <- Surv(entry, exit, cause > 0) ~ x1 + x2 + x3 + x4 + x5

of_fit <- function(fit) c(coef(fit), vcov(fit))
calls <- list(
  kaplan_meier = list(function() survfit(Surv(entry, exit, cause > 0) ~ 1, data = spells), function(fit) c(fit$surv, fit$std.err)),
  aalen_johansen = list(function() survfit(Surv(entry, exit, status) ~ 1, id = id, data = spells),
                        function(fit) c(fit$pstate[, -1], fit$std.err[, -1])),
  cox = list(function() coxph(model, data = spells), of_fit),
  cox_robust = list(function() coxph(model, data = spells, cluster = id), of_fit))

cat("version;", as.character(getRversion()), ", survival ", as.character(packageVersion("survival")), "\n", sep = "")
for (name in names(calls)) {
  seconds <- c()
  while (length(seconds) < 9 && sum(seconds) < 2) {
    taken <- system.time(fit <- calls[[name]][[1]](), gcFirst = TRUE)
    seconds <- c(seconds, taken[["user.self"]] + taken[["sys.self"]])
  }
  con <- file(file.path(given[1], paste0(name, ".r")), "wb")
  writeBin(as.double(calls[[name]][[2]](fit)), con)
  close(con)
  cat(name, ";", median(seconds), "\n", sep = "")
}
