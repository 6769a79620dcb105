# Reference values for tests/reference/test_balanced.py.
# R 4.2.2, package sampling 2.9; run on 26 November 2026 with: Rscript balanced.R
library(sampling)
options(digits = 6, width = 100)

# A population by formula: 100 units, sizes 1 ... 5, two more variables.
k <- 1:100
size <- 1 + (k * 37) %% 101 / 25
x1 <- 10 + (k * 53) %% 97
x2 <- ((k * 29) %% 89)^2 / 100
pik <- 20 * size / sum(size)
X <- cbind(pik, x1, x2)
y <- x1 + 5 * sqrt(k) + (k * 71) %% 83

gaps <- function(s) colSums(X[s == 1, ] / pik[s == 1]) / colSums(X) - 1
show <- function(name, draw, repeats) {
  set.seed(1)
  found <- replicate(repeats, {
    s <- draw()
    c(gaps(s), sum(y[s == 1] / pik[s == 1]) / sum(y) - 1)
  })
  # Root mean square of the relative deviations of pi, x1, x2 and y.
  cat(name, repeats, sqrt(rowMeans(found^2)), "\n")
}
show("cube, landing by linear programme", function() samplecube(X, pik, 1, FALSE, 1), 4000)
show("cube, landing by dropping        ", function() samplecube(X, pik, 1, FALSE, 2), 4000)
show("same order, linear programme     ", function() samplecube(X, pik, 2, FALSE, 1), 4000)
show("same order, dropping             ", function() samplecube(X, pik, 2, FALSE, 2), 4000)

strata <- rep(1:4, each = 25)
pik <- ave(size, strata, FUN = function(z) 5 * z / sum(z))
X <- cbind(pik, x1, x2)
within <- function() balancedstratification(cbind(x1, x2), strata, pik, FALSE)
show("stratified cube                  ", within, 2000)
