# Reference values of Fine and Gray's regression with delayed entry, case weights and clusters, from R's package survival (finegray, coxph).
#
# Run from the root of the repository:  Rscript tests/reference/fine_gray_entry_reference.R
# Reads tests/data/mvad_spells.csv; writes data_fine_gray_entry.csv (public sets of the package survival, only the columns needed, and small
# made ones with every kind of tie) and fine_gray_entry.csv beside this script. Continuous integration reads the stored values and needs no R.
#
# Conventions made explicit:
# * who enters at 0 is at risk at 0: R is given the start -1 for them (it wants start < stop);
# * finegray leaves H out unless someone enters later than the very first exit, which happens in each set;
# * finegray's weights argument does not reach its G and H ("once"); rows repeated as often as a whole weight says do ("repeated"), clustered
#   on the row they repeat. Without weights both are "plain";
# * coxph has the weights as known. Tied events after Breslow.
suppressMessages(library(survival))

of <- function(case, entry, exit, cause, covariates, weight = NULL, cluster = NULL) {
  n <- length(exit)
  if (is.null(weight)) weight <- seq_len(n) %% 3 + 1
  if (is.null(cluster)) cluster <- (7 * seq_len(n)) %% (n %/% 3)
  values <- as.matrix(covariates)
  kept <- complete.cases(values) & (exit > entry | entry == 0)
  data.frame(case = case, entry = entry, exit = exit, cause = cause, weight = weight, cluster = cluster, values, row.names = NULL)[kept, ]
}
named <- function(frame, columns) setNames(frame[columns], paste0("z", seq_along(columns)))
late <- function(n, exit) ifelse(seq_len(n) %% 3 == 0, (seq_len(n) * 37) %% 101 / 101 * 0.9 * exit, 0)

mgus <- transform(mgus2, cause = ifelse(pstat == 1, 1, 2 * death), time = ifelse(pstat == 1, ptime, futime), male = as.integer(sex == "M"))
transplanted <- transform(transplant, since = year - 1995, cause = match(event, c("ltx", "death", "withdraw"), nomatch = 0), male = as.integer(sex == "m"))
mvad <- read.csv("tests/data/mvad_spells.csv")
n_mvad <- nrow(mvad)
small <- function(case, rows) {
  m <- matrix(rows, ncol = 5, byrow = TRUE, dimnames = list(NULL, c("entry", "exit", "cause", "z1", "z2")))
  of(case, m[, 1], m[, 2], m[, 3], m[, c("z1", "z2")], cluster = seq_len(nrow(m)) %% 4)
}
sets <- list(
  mgus2_age = with(mgus, of("mgus2_age", 12 * age, 12 * age + time, cause, named(mgus, c("male", "mspike", "creat")))),
  pbc_made = of("pbc_made", round(late(nrow(pbc), pbc$time)), pbc$time, c(0, 2, 1)[pbc$status + 1], named(pbc, c("age", "edema", "bili"))),
  pbc_days_in_parts = of("pbc_days_in_parts", late(nrow(pbc), pbc$time), pbc$time, c(0, 2, 1)[pbc$status + 1], named(pbc, c("age", "albumin", "stage"))),
  transplant_made = with(transplanted, of("transplant_made", floor(late(nrow(transplanted), futime) / 30), floor(futime / 30) + 1, cause,
    named(transplanted, c("age", "male", "since")))),
  mvad_made = of("mvad_made", floor(late(n_mvad, mvad$time)), mvad$time, mvad$status, named(mvad, c("male", "gcse5eq", "funemp")), cluster = mvad$id),
  entry_tied_with_other_cause = small("entry_tied_with_other_cause", c(
    0,1,1, 0,1,  0,2,2, 1,0,  0,2,2, 0,2,  2,5,1, 1,1,  2,4,1, 0,3,  0,4,0, 1,2,  2,6,1, 0,1,  1,7,0, 1,1,  0,3,1, 1,3,  0,8,1, 0,0,  0,9,0, 1,1)),
  entry_tied_with_event_and_censoring = small("entry_tied_with_event_and_censoring", c(
    0,2,1, 0,1,  0,2,0, 1,2,  0,3,2, 1,1,  0,3,0, 0,0,  3,6,1, 1,2,  2,5,1, 0,3,  3,7,2, 0,1,  0,6,0, 1,0,  0,7,1, 0,2,  5,9,1, 1,1,  5,8,0, 0,0,  0,9,2, 1,3)),
  all_kinds_tied = small("all_kinds_tied", c(
    0,3,1, 1,0,  0,3,2, 0,1,  0,3,0, 1,2,  3,5,1, 0,2,  3,5,2, 1,3,  3,5,0, 0,0,  5,8,1, 1,1,  5,8,2, 0,3,  5,8,0, 1,0,  0,8,1, 0,2,  0,5,1, 1,1,  0,10,1, 0,1,  0,11,0, 1,2)),
  exits_on_day_0 = small("exits_on_day_0", c(
    0,0,1, 1,0,  0,0,2, 0,1,  0,0,0, 1,1,  1,3,1, 0,2,  1,4,0, 1,3,  0,2,2, 1,0,  0,4,1, 0,3,  2,5,1, 1,1,  0,6,0, 0,0,  0,5,2, 1,2,  0,6,1, 1,2)),
  no_other_cause = small("no_other_cause", c(
    0,2,1, 1,0,  0,3,0, 0,1,  1,4,1, 1,2,  2,5,1, 0,3,  0,6,1, 1,1,  3,7,0, 0,0,  0,8,1, 0,2,  0,8,0, 1,3)),
  nobody_censored = small("nobody_censored", c(
    0,2,2, 1,0,  0,3,1, 0,1,  1,4,1, 1,2,  2,5,2, 0,3,  0,6,1, 1,1,  3,7,1, 0,0,  0,8,2, 0,2,  0,8,1, 1,3)))
stored <- do.call(rbind, lapply(sets, function(set) { set$z3 <- if (is.null(set$z3)) NA else set$z3; set }))
write.csv(stored, "tests/reference/data_fine_gray_entry.csv", row.names = FALSE, quote = FALSE, na = "")

fitted <- function(set, cause, times_repeated, weight, cluster) {
  set$case_weight <- weight
  set$cluster <- cluster
  rows <- set[rep(seq_len(nrow(set)), times_repeated), ]
  rows$start <- ifelse(rows$entry == 0, -1, rows$entry)
  rows$status <- factor(rows$cause, 0:max(set$cause))
  rows$person <- seq_len(nrow(rows))
  covariates <- intersect(c("z1", "z2", "z3"), names(set))
  columns <- rows[c("start", "exit", "status", "person", "cluster", "case_weight", covariates)]
  data <- finegray(Surv(start, exit, status) ~ ., columns, weights = case_weight, id = person, etype = as.character(cause))
  coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(covariates, collapse = " + "))), data, weights = fgwt,
        cluster = cluster, ties = "breslow", control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50))
}
values <- function(case, cause, kind, fit) {
  of_fit <- list(coefficient = coef(fit), se = sqrt(diag(vcov(fit))), log_likelihood = fit$loglik[2])
  do.call(rbind, lapply(names(of_fit), function(name) data.frame(
    case = case, cause = cause, kind = kind, statistic = name, value = formatC(unname(of_fit[[name]]), digits = 13, format = "g", width = 1),
    software = "R survival", version = as.character(packageVersion("survival")))))
}
fits <- function(case, cause) {
  set <- sets[[case]]
  n <- seq_len(nrow(set))
  rbind(values(case, cause, "plain", fitted(set, cause, n^0, 1, n)),
        values(case, cause, "clustered", fitted(set, cause, n^0, 1, set$cluster)),
        values(case, cause, "once", fitted(set, cause, n^0, set$weight, set$cluster)),
        values(case, cause, "repeated", fitted(set, cause, set$weight, 1, n)),
        values(case, cause, "repeated_clustered", fitted(set, cause, set$weight, 1, set$cluster)))
}
runs <- rbind(data.frame(case = names(sets), cause = 1), data.frame(case = c("mgus2_age", "pbc_made", "transplant_made", "mvad_made"), cause = 2))
results <- do.call(rbind, Map(fits, runs$case, runs$cause))
write.csv(results, "tests/reference/fine_gray_entry.csv", row.names = FALSE, quote = FALSE)
