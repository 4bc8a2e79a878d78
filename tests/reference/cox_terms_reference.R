# Reference values of the test of proportional hazards by term (several levels together), from R's package survival.
#
# Run from the root of the repository:  Rscript tests/reference/cox_terms_reference.R
# Reads data_cox_veteran.csv and data_cox_colon.csv (made by cox_reference.R); writes cox_terms.csv beside this script.
# Continuous integration reads the stored values and needs no R.
library(survival)

folder <- "tests/reference"
read <- function(name) read.csv(file.path(folder, paste0("data_cox_", name, ".csv")))
of_dummies <- function(matrix) factor(1 + as.matrix(matrix) %*% seq_len(ncol(matrix)))
veteran <- read("veteran")
veteran$celltype <- of_dummies(veteran[c("smallcell", "adeno", "large")])
colon <- read("colon")
colon$rx <- of_dummies(colon[c("Lev", "Lev.5FU")])
tests <- function(case, model) do.call(rbind, lapply(c("km", "identity"), function(transform) {
  told <- cox.zph(model, transform = transform, terms = TRUE)$table
  data.frame(case, transform, term = rownames(told), statistic = signif(told[, 1], 13), df = told[, 2], row.names = NULL)
}))
values <- rbind(
  tests("veteran", coxph(Surv(exit, event) ~ trt + karno + celltype, veteran)),
  tests("colon", coxph(Surv(exit, event) ~ rx + nodes + strata(strata), colon, cluster = cluster))
)
values$software <- "R survival"
values$version <- as.character(packageVersion("survival"))
write.csv(values, file.path(folder, "cox_terms.csv"), row.names = FALSE, quote = FALSE)
