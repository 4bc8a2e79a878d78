# Reference values of participation that begins inside a spell: Stanford's heart transplants (Crowley & Hu 1977), from R's package survival.
#
# Run from the root of the repository:  Rscript tests/reference/jasa_reference.R
# Writes, beside this script, the public data as spells with a start (data_jasa_spells.csv) and the values (jasa.csv). The data are part of R's survival
# (LGPL, version 2 or later). Continuous integration reads the stored values and needs no R.
#
# Conventions made explicit:
# * times are in half days, so that they are whole: a follow-up of no day lasts half a day, and who was transplanted on the day of leaving began half a day
#   before, both as in R's own making of jasa1;
# * ever_never is jasa's futime as it is, jasa1 and heart are R's own rows (start, stop]; of heart the spells have every time one day later;
# * the hazard ratios have robust standard errors, clustered on the patient; ages are in years, as in each data set;
# * the landmark: of those followed past 30 days, transplanted by then against not, the incidence of death 365 days later, standard errors by the
#   infinitesimal jackknife (robust = TRUE), their squares added;
# * small: the spells of the examples in the documentation.
library(survival)

folder <- "tests/reference"
version <- as.character(packageVersion("survival"))
stack <- function(case, statistic, value) data.frame(
  case, statistic, value = formatC(value, digits = 13, format = "g", width = 1), software = "R survival", version = version)
of_model <- function(case, model) rbind(
  stack(case, paste0("coefficient_", names(coef(model))), coef(model)),
  stack(case, paste0("se_", names(coef(model))), sqrt(diag(model$naive.var))),
  stack(case, paste0("robust_se_", names(coef(model))), sqrt(diag(model$var))))

spells <- with(jasa, data.frame(
  exit = 2 * pmax(futime, 0.5), cause = fustat,
  start = ifelse(transplant == 1, 2 * as.numeric(tx.date - accept.dt) - (tx.date == fu.date), NA),
  age = age, surgery = surgery))
write.csv(spells, file.path(folder, "data_jasa_spells.csv"), row.names = FALSE, quote = FALSE, na = "")

moved <- transform(heart, begun = as.integer(transplant) - 1)
jasa$id <- seq_len(nrow(jasa))
models <- rbind(
  of_model("ever_never", coxph(Surv(futime, fustat) ~ begun + age + surgery, transform(jasa, begun = transplant), cluster = id)),
  of_model("heart", coxph(Surv(start, stop, event) ~ begun + age + surgery, moved, cluster = id)),
  of_model("jasa1", coxph(Surv(start, stop, event) ~ begun + age + surgery, transform(jasa1, begun = transplant), cluster = id)))

landmark <- 60
left <- subset(spells, exit > landmark)
left$begun <- !is.na(left$start) & left$start <= landmark
curves <- survfit(Surv(exit - landmark, cause) ~ begun, left, robust = TRUE)
at <- summary(curves, times = 2 * 365)
contrast <- rbind(
  stack("landmark", c("not_begun", "begun"), 1 - at$surv), stack("landmark", c("se_not_begun", "se_begun"), at$std.err),
  stack("landmark", c("n_not_begun", "n_begun"), curves$n))

small <- data.frame(
  start = c(0, 0, 0, 5, 0, 0, 3, 0), stop = c(2, 4, 5, 6, 8, 3, 9, 9), event = c(1, 1, 0, 1, 1, 0, 0, 0),
  begun = c(0, 0, 0, 1, 0, 0, 1, 0), id = c(1, 2, 3, 3, 4, 5, 5, 6))
ever <- data.frame(stop = c(2, 4, 6, 8, 9, 9), event = c(1, 1, 1, 1, 0, 0), begun = c(0, 0, 1, 0, 1, 0))
examples <- rbind(
  stack("small", "time_varying", coef(coxph(Surv(start, stop, event) ~ begun, small))),
  stack("small", "ever_never", coef(coxph(Surv(stop, event) ~ begun, ever))))
write.csv(rbind(models, contrast, examples), file.path(folder, "jasa.csv"), row.names = FALSE, quote = FALSE)
