# Reference values of the log-rank tests, from R's package survival and from a computation by hand.
#
# Run from the root of the repository:  Rscript tests/reference/log_rank_reference.R
# Reads tests/data/mvad_spells.csv and tests/reference/small_spells.csv; writes data_log_rank.csv (columns of R's public data sets lung,
# veteran, colon, pbc, heart and mgus2, as in the package) and log_rank.csv. Continuous integration needs no R.
#
# Where each value comes from:
# * survdiff: everybody followed from 0, weight S(t-)^rho;
# * the score test of coxph with ties = "exact": delayed entry, weight 1. It has the hypergeometric variance of the log-rank test (that
#   with ties = "breslow" has another where events are tied). With delayed entry R's own computation takes time that grows exponentially
#   with the number tied, so that it is given each risk set as a stratum of its own (the same likelihood), and (start, stop] data too
#   where at most three are tied, with the start -1 for those who enter at 0: the script stops unless the two agree;
# * by_hand below, the hypergeometric sums over risk sets, one after the other: the other weights, and weighted tests with delayed
#   entry. Wherever survdiff or coxph answers too, the script stops unless the two agree.
library(survival)
invisible(Sys.setlocale("LC_COLLATE", "C"))

version <- as.character(packageVersion("survival"))
SCORES <- c(0, 1, 3, 6, 10, 15)

cases <- function() {
  death <- subset(colon, etype == 2)
  whole <- subset(pbc, !is.na(stage))
  lived <- subset(lung, !is.na(ph.ecog) & ph.ecog < 3)
  monoclonal <- subset(mgus2, futime > 0 & id <= 500)
  public <- rbind(
    data.frame(case = "lung", entry = 0, exit = lived$time, event = lived$status - 1, group = lived$ph.ecog, stratum = lived$sex),
    data.frame(case = "veteran", entry = 0, exit = veteran$time, event = veteran$status, group = as.integer(veteran$celltype),
               stratum = veteran$trt),
    data.frame(case = "colon", entry = 0, exit = death$time, event = death$status, group = as.integer(death$rx), stratum = death$node4),
    data.frame(case = "pbc", entry = 0, exit = whole$time, event = as.integer(whole$status == 2), group = whole$stage,
               stratum = as.integer(whole$sex)),
    data.frame(case = "heart", entry = heart$start, exit = heart$stop, event = heart$event, group = as.integer(heart$transplant),
               stratum = heart$surgery),
    data.frame(case = "mgus2_months_of_age", entry = monoclonal$age * 12, exit = monoclonal$age * 12 + monoclonal$futime,
               event = monoclonal$death, group = cut(monoclonal$mspike, c(-1, 0.5, 1.5, 9), labels = FALSE),
               stratum = as.integer(monoclonal$sex)))
  public <- public[complete.cases(public), ]
  write.csv(public, "tests/reference/data_log_rank.csv", row.names = FALSE, quote = FALSE)

  mvad <- read.csv("tests/data/mvad_spells.csv")
  spells <- data.frame(entry = mvad$entry, exit = mvad$time, event = as.integer(mvad$status > 0), group = mvad$prev_state, stratum = mvad$male)
  small <- read.csv("tests/reference/small_spells.csv")
  small <- small[small$case != "one_subject", ]
  small$event <- as.integer(small$cause > 0)
  small$row <- ave(seq_along(small$case), small$case, FUN = seq_along)
  small$group <- c("b", "a")[small$row %% 2 + 1]
  small$stratum <- as.integer(small$row > 4)
  columns <- c("entry", "exit", "event", "group", "stratum")
  c(split(public[, columns], factor(public$case, unique(public$case))),
    list(mvad = transform(spells, entry = 0), mvad_delayed_entry = spells[mvad$observed == 1, ]),
    split(small[, columns], factor(small$case, unique(small$case))))
}

weight_at <- function(name, n, survival_before) switch(name, logrank = 1, half = sqrt(survival_before), peto = survival_before,
                                                       gehan = n, tarone = sqrt(n))

by_hand <- function(spells, weight) {
  names <- sort(unique(spells$group))
  observed <- expected <- setNames(numeric(length(names)), names)
  variance <- matrix(0, length(names), length(names))
  for (rows in split(spells, spells$stratum)) {
    survival_before <- 1
    for (time in sort(unique(rows$exit[rows$event == 1]))) {
      at_risk <- rows[(rows$entry < time | rows$entry == 0) & rows$exit >= time, ]
      n <- nrow(at_risk)
      share <- as.numeric(table(factor(at_risk$group, names))) / n
      events <- as.numeric(table(factor(at_risk$group[at_risk$exit == time & at_risk$event == 1], names)))
      d <- sum(events)
      w <- weight_at(weight, n, survival_before)
      observed <- observed + w * events
      expected <- expected + w * d * share
      if (n > 1) variance <- variance + w^2 * d * (n - d) / (n - 1) * (diag(share, length(names)) - share %o% share)
      survival_before <- survival_before * (1 - d / n)
    }
  }
  list(names = names, observed = observed, expected = expected, variance = variance)
}

chi_square <- function(sums) {
  with_risk <- diag(sums$variance) > 1e-9
  if (!any(with_risk)) return(c(chisq = 0, df = 0))
  kept <- which(with_risk)[-1]
  score <- (sums$observed - sums$expected)[kept]
  c(chisq = sum(score * solve(sums$variance[kept, kept, drop = FALSE], score)), df = length(kept))
}

trend <- function(sums) {
  scores <- SCORES[seq_along(sums$names)]
  sum(scores * (sums$observed - sums$expected))^2 / drop(scores %*% sums$variance %*% scores)
}

same <- function(one, other) stopifnot(isTRUE(all.equal(as.numeric(one), as.numeric(other), tolerance = 1e-9)))

risk_sets <- function(spells) {
  deaths <- spells[spells$event == 1, ]
  times <- unique(deaths[, c("stratum", "exit")])
  do.call(rbind, lapply(seq_len(nrow(times)), function(set) {
    rows <- which(spells$stratum == times$stratum[set] & spells$exit >= times$exit[set] & (spells$entry < times$exit[set] | spells$entry == 0))
    data.frame(set, row = rows, case = as.integer(spells$exit[rows] == times$exit[set] & spells$event[rows] == 1))
  }))
}

cox <- function(spells, x) {
  if (all(spells$entry == 0)) {
    return(coxph(Surv(exit, event) ~ x + strata(stratum), data = spells, ties = "exact", iter.max = 0)$score)
  }
  sets <- risk_sets(spells)
  sets$x <- x[sets$row]
  score <- coxph(Surv(rep(1, nrow(sets)), case) ~ x + strata(set), data = sets, ties = "exact", iter.max = 0)$score
  if (max(table(spells$exit[spells$event == 1])) <= 3) {
    start <- ifelse(spells$entry == 0, -1, spells$entry)
    same(score, coxph(Surv(start, exit, event) ~ x + strata(stratum), data = spells, ties = "exact", iter.max = 0)$score)
  }
  score
}

values_of <- function(name, spells, stratified) {
  if (!stratified) spells$stratum <- 1
  rows <- list()
  for (weight in c("logrank", "half", "peto", "gehan", "tarone")) {
    sums <- by_hand(spells, weight)
    test <- chi_square(sums)
    rho <- match(weight, c("logrank", "half", "peto")) / 2 - 0.5
    comparable <- test[["df"]] == length(sums$names) - 1
    software <- "by hand in R"
    if (all(spells$entry == 0) && !is.na(rho) && comparable) {
      theirs <- survdiff(Surv(exit, event) ~ group + strata(stratum), data = spells, rho = rho)
      same(test[["chisq"]], theirs$chisq)
      same(sums$observed, rowSums(as.matrix(theirs$obs)))
      same(sums$expected, rowSums(as.matrix(theirs$exp)))
      test[["chisq"]] <- theirs$chisq
      software <- "R survival survdiff"
    }
    if (weight == "logrank" && comparable) {
      score <- cox(spells, factor(spells$group))
      same(test[["chisq"]], score)
      same(trend(sums), cox(spells, SCORES[match(spells$group, sums$names)]))
      if (software == "by hand in R") { test[["chisq"]] <- score; software <- "R survival coxph exact" }
    }
    add <- function(statistic, value, from) data.frame(case = name, stratified = as.integer(stratified), weight = weight, statistic = statistic,
                                                        value = formatC(value, digits = 13, format = "g", width = 1), software = from)
    labels <- function(what) paste(what, sums$names, sep = "_")
    rows <- c(rows, list(add("chi_square", test[["chisq"]], software), add("df", test[["df"]], software),
                         add(labels("observed"), sums$observed, software), add(labels("expected"), sums$expected, software)))
    if (test[["df"]] > 0) rows <- c(rows, list(
      add("p", pchisq(test[["chisq"]], test[["df"]], lower.tail = FALSE), software),
      add("trend", trend(sums), if (weight == "logrank" && comparable) "R survival coxph exact" else "by hand in R")))
  }
  do.call(rbind, rows)
}

pairs_of <- function(name, spells) {
  spells$stratum <- 1
  pairs <- combn(sort(unique(spells$group)), 2)
  score <- apply(pairs, 2, function(pair) { own <- spells[spells$group %in% pair, ]; cox(own, as.integer(own$group == pair[2])) })
  adjusted <- p.adjust(pchisq(score, 1, lower.tail = FALSE), "holm")
  tag <- paste(pairs[1, ], pairs[2, ], sep = "_")
  data.frame(case = name, stratified = 0, weight = "logrank", statistic = c(paste0("pair_", tag), paste0("holm_", tag)),
             value = formatC(c(score, adjusted), digits = 13, format = "g", width = 1), software = "R survival coxph exact")
}

all_cases <- cases()
both <- lapply(names(all_cases), function(name) rbind(values_of(name, all_cases[[name]], FALSE), values_of(name, all_cases[[name]], TRUE)))
pairwise <- lapply(c("veteran", "pbc", "mgus2_months_of_age", "mvad"), function(name) pairs_of(name, all_cases[[name]]))
values <- cbind(do.call(rbind, c(both, pairwise)), version = version)
write.csv(values, "tests/reference/log_rank.csv", row.names = FALSE, quote = FALSE)
