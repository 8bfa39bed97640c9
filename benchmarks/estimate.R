# The job of estimate.py in R survey; prints the same line of JSON as the other competitors.
suppressPackageStartupMessages(library(survey))
answers <- as.integer(as.numeric(commandArgs(trailingOnly = TRUE)[1]))
items <- 40
rows <- answers %/% items
set.seed(1)
psu <- sample(0:399, rows, TRUE)
wave <- data.frame(
  stratum = psu %% 20, psu = psu, w = round(runif(rows, 1, 20), 3),
  unit = sprintf("U%02d", sample(0:19, rows, TRUE))
)
for (item in seq_len(items)) {
  code <- sample(0:5, rows, TRUE, c(.05, .1, .15, .3, .25, .15))
  wave[[paste0("q", item)]] <- ifelse(code == 0, NA, (code - 1) / 4)
}
job <- function() {
  design <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = wave)
  z <- numeric(rows)
  for (item in paste0("q", seq_len(items))) {
    y <- wave[[item]]
    svyby(reformulate(item), ~unit, subset(design, !is.na(y)), svymean)
    known <- !is.na(y)
    size <- ave(wave$w * known, wave$unit, FUN = sum)
    mean <- ave(ifelse(known, wave$w * y, 0), wave$unit, FUN = sum) / size
    z <- z + ifelse(known, (y - mean) / size, 0)
  }
  svyby(~z, ~unit, update(design, z = z), svytotal, covmat = TRUE)
}
before <- sum(gc(reset = TRUE)[, 2])
time <- system.time(job())
cat(sprintf(
  '{"seconds": %f, "cpu": %f, "megabytes": %f}\n',
  time[["elapsed"]], time[["user.self"]] + time[["sys.self"]], sum(gc()[, 6]) - before
))
