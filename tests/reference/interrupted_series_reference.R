# Makes interrupted_series.csv from data_interrupted_series.csv (three invented series, each with a control series), with R 4.2.2, nlme 3.1-162
# (restricted maximum likelihood, first-order autoregression) and sandwich 3.0-2 (Newey and West without prewhitening, n/(n - k)).
# From the root: Rscript tests/reference/interrupted_series_reference.R
library(nlme)
library(sandwich)

series <- read.csv("tests/reference/data_interrupted_series.csv")
cases <- list(
  list(case = "monthly", first = 60, season = "dummies", length = 12), list(case = "monthly", first = 60, season = "waves", length = 12),
  list(case = "quarterly", first = 28, season = "dummies", length = 4), list(case = "plain", first = 22, season = "none", length = 12))

rows <- list()
for (one in cases) for (control in c(FALSE, TRUE)) {
  part <- series[series$case == one$case, ]
  part$y <- part$outcome - if (control) part$control else 0
  part$after <- as.numeric(part$time >= one$first)
  part$since <- part$after * (part$time - one$first)
  terms <- c("after", "since", "time")
  if (one$season == "dummies") { part$part <- factor(part$time %% one$length); terms <- c(terms, "part") }
  if (one$season == "waves") for (wave in 1:2) {
    part[[paste0("sin", wave)]] <- sin(2 * pi * wave * part$time / one$length)
    part[[paste0("cos", wave)]] <- cos(2 * pi * wave * part$time / one$length)
    terms <- c(terms, paste0("sin", wave), paste0("cos", wave))
  }
  model <- reformulate(terms, "y")
  asked <- rbind(level = c(1, 0), slope = c(0, 1), mean = c(1, (nrow(part) - one$first - 1) / 2))
  fit <- gls(model, data = part, correlation = corAR1(form = ~ time), method = "REML", control = glsControl(tolerance = 1e-12, msTol = 1e-14))
  ols <- lm(model, data = part)
  lags <- floor(4 * (nrow(part) / 100)^(2 / 9))
  hac <- NeweyWest(ols, lag = lags, prewhite = FALSE, adjust = TRUE)
  names <- c("after", "since")
  for (errors in c("first-order", "newey-west")) {
    first <- errors == "first-order"
    value <- asked %*% (if (first) coef(fit) else coef(ols))[names]
    covariance <- (if (first) vcov(fit) else hac)[names, names]
    rows[[length(rows) + 1]] <- data.frame(
      case = one$case, season = one$season, season_length = one$length, first_after = one$first, control = control, errors = errors,
      name = rownames(asked), value = sprintf("%.12g", value), se = sprintf("%.12g", sqrt(diag(asked %*% covariance %*% t(asked)))),
      correlation = if (first) sprintf("%.12g", coef(fit$modelStruct$corStruct, unconstrained = FALSE)) else "")
  }
}
write.csv(do.call(rbind, rows), "tests/reference/interrupted_series.csv", row.names = FALSE, quote = FALSE)
