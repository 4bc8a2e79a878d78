# Makes difference_in_differences.csv from data_difference_in_differences.csv (16 invented schools in six areas, six cohorts, adoption in 2015),
# with R 4.2.2 and clubSandwich 0.5.8 (Pustejovsky). From the root: Rscript tests/reference/difference_in_differences_reference.R
# CR1S is G/(G-1) * (n-1)/(n-k), what statsmodels and Stata's regress do; weights are taken as inverse variances.
suppressMessages(library(clubSandwich))

cells <- read.csv("tests/reference/data_difference_in_differences.csv")
cells$share <- cells$n_outcome / cells$n
cells$effect <- cells$treated * (cells$cohort >= 2015)
others <- setdiff(sort(unique(cells$cohort)), 2014)
for (cohort in others) cells[[paste0("treated", cohort)]] <- cells$treated * (cells$cohort == cohort)
models <- list(average = "effect", event_study = paste0("treated", others))

rows <- list()
for (model in names(models)) for (weight in c("pupils", "units")) for (cluster in c("school", "area")) {
  terms <- models[[model]]
  cells$w <- if (weight == "pupils") cells$n else rep(1, nrow(cells))
  fit <- lm(reformulate(c("0", "factor(school)", "factor(cohort)", terms), "share"), data = cells, weights = w)
  one <- vcovCR(fit, cluster = cells[[cluster]], type = "CR1S", inverse_var = TRUE)
  two <- vcovCR(fit, cluster = cells[[cluster]], type = "CR2", inverse_var = TRUE)
  tests <- coef_test(fit, vcov = two, test = "Satterthwaite", coefs = terms)
  rows[[length(rows) + 1]] <- data.frame(
    model = model, weight = weight, cluster = cluster, term = terms, value = coef(fit)[terms],
    se_cr1 = sqrt(diag(one)[terms]), se_cr2 = tests$SE, df_cr2 = if (is.null(tests$df_Satt)) tests$df else tests$df_Satt)
}
table <- do.call(rbind, rows)
for (column in c("value", "se_cr1", "se_cr2", "df_cr2")) table[[column]] <- sprintf("%.13g", table[[column]])
write.csv(table, "tests/reference/difference_in_differences.csv", row.names = FALSE, quote = FALSE)
