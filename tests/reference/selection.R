# Reference values for tests/reference/test_selection.py.
# R 4.2.2, package sampling 2.9; run on 26 November 2026 with: Rscript selection.R
library(sampling)
options(digits = 17, width = 100)

# Inclusion probabilities: certainties iterated, ties with the interval, everyone.
print(inclusionprobabilities(c(5, 10, 12, 15, 40, 300, 22, 18, 9, 31), 4))
print(inclusionprobabilities(c(1000, 400, 130, 60, 30, 10, 5, 3, 2, 1), 6))
print(inclusionprobabilities(c(3, 1, 1, 1), 2))
print(inclusionprobabilities(rep(7, 5), 3))

# Joint probabilities, upper triangle by rows.
upper <- function(m) print(t(m)[lower.tri(m)])
p6 <- c(0.07, 0.17, 0.41, 0.61, 0.83, 0.91)
upper(UPsampfordpi2(p6))
# UPmaxentropypi2 stops at 1e-6; its two steps are taken with a finer stop.
fine <- function(p) {
  w <- UPMEpiktildefrompik(p, eps = 1e-15)
  UPMEpik2frompikw(p, w / (1 - w))
}
upper(fine(p6))
upper(UPtillepi2(p6))
upper(UPmidzunopi2(p6))
upper(UPsystematicpi2(p6))

# Sets drawn after set.seed(1), ..., set.seed(12), positions from 1.
p8 <- c(0.12, 0.25, 0.33, 0.48, 0.52, 0.61, 0.75, 0.94)
for (draw in list(UPbrewer, UPtille, UPmidzuno, UPsystematic, UPmaxentropy, UPpoisson)) {
  sets <- sapply(1:12, function(seed) {
    set.seed(seed)
    paste(which(draw(p8) == 1), collapse = "")
  })
  cat(sets, sep = " ")
  cat("\n")
}
set.seed(5)
print(runif(3))
