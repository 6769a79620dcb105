# The jobs with R's survey package: Rscript survey.R FOLDER JOB TARGETS
# Columns are read as raw doubles, so that no further package is needed. Prints JSON.
suppressPackageStartupMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
job <- arguments[2]
RUNS <- 5
SECONDS <- 60
read <- function(name) {
  path <- file.path(folder, paste0(name, ".f8"))
  readBin(path, "double", file.size(path) / 8)
}
items <- paste0("y", 1:25)
drivers <- paste0("x", 1:8)
margins <- c("sex", "age", "school", "district")
needed <- c("stratum", "psu", "w", switch(job,
  overall = items, by12 = c(items, "d12"), raking = margins, replicates = items,
  logistic = c("satisfied", drivers), ordinal = c("rating", drivers)))
data <- as.data.frame(lapply(setNames(needed, needed), read))
if (job == "ordinal") data$rating <- factor(data$rating)
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~w, data = data)
sum_of <- function(names) as.formula(paste("~", paste(names, collapse = "+")))
run <- switch(job,
  overall = function() {
    found <- svymean(sum_of(items), design)
    c(coef(found)[1], SE(found)[1])
  },
  by12 = function() {
    found <- svyby(sum_of(items), ~d12, design, svymean)
    c(coef(found)[1], found[1, "se.y1"])
  },
  raking = function() {
    text <- sub("^[{]", "", sub("[}]$", "", arguments[3]))
    totals <- lapply(margins, function(name) {
      held <- sub(paste0('.*"', name, '": [[]([^]]*)[]].*'), "\\1", text)
      values <- as.numeric(strsplit(held, ",")[[1]])
      setNames(data.frame(seq_along(values) - 1, values), c(name, "Freq"))
    })
    found <- rake(design, lapply(margins, sum_of), totals)
    weights(found)[1:2]
  },
  replicates = function() {
    made <- as.svrepdesign(design, type = "subbootstrap", replicates = 200)
    found <- svymean(sum_of(items), made)
    c(coef(found)[1], SE(found)[1])
  },
  logistic = function() {
    fit <- svyglm(reformulate(drivers, "satisfied"), design, family = quasibinomial())
    c(coef(fit)[2], SE(fit)[2])
  },
  ordinal = function() {
    fit <- svyolr(reformulate(drivers, "rating"), design)
    c(coef(fit)[1], SE(fit)[1])
  })
cpu <- wall <- numeric()
while (length(cpu) < RUNS && (!length(wall) || sum(wall) < SECONDS)) {
  before <- proc.time()
  answer <- run()
  spent <- proc.time() - before
  cpu <- c(cpu, spent[["user.self"]] + spent[["sys.self"]])
  wall <- c(wall, spent[["elapsed"]])
}
cat(sprintf('{"cpu": %f, "wall": %f, "runs": %d, "answer": [%.12g, %.12g]}\n',
            median(cpu), median(wall), length(cpu), answer[1], answer[2]))
