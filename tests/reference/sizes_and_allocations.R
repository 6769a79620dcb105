# Makes the numbers of test_size.py and test_allocation.py that are not R PracTools'.
# R 4.2.2, nloptr 2.0.3 (written 2026-11-26). Rscript sizes_and_allocations.R
options(digits = 15)
z <- qnorm(0.975)

# Sizes whose interval has the length 2 e, by root finding and no closed form.
wilson <- function(n, p) z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2)) / (1 + z^2 / n)
logit <- function(n, p) diff(plogis(qlogis(p) + c(-1, 1) * z / sqrt(n * p * (1 - p)))) / 2
root <- function(width, p, e) uniroot(function(n) width(n, p) - e, c(1, 1e7), tol = 1e-10)$root
cat("wilson", root(wilson, 0.9, 0.04), root(wilson, 0.02, 0.01), "\n")
cat("logit", root(logit, 0.9, 0.04), root(logit, 0.15, 0.05), "\n")

# Two groups: the power of the z test at the answer is what was asked for.
size <- function(n1, p, r, g, rho, one) {
  v <- p[1] * (1 - p[1]) / n1 + p[2] * (1 - p[2]) * r / n1 -
    2 * g * r / n1 * rho * sqrt(prod(p * (1 - p)))
  pnorm(abs(diff(p)) / sqrt(v) - qnorm(if (one) 0.95 else 0.975))
}
two <- function(p, r, g, rho, one, pow)
  uniroot(function(n) size(n, p, r, g, rho, one) - pow, c(2, 1e6), tol = 1e-10)$root
cat("difference", two(c(0.8, 0.75), 1, 0, 0, FALSE, 0.8), two(c(0.8, 0.75), 2, 0.25, 0.6, TRUE, 0.9), "\n")

# Three stages: least relative variance for a budget, by general optimisation.
relvar <- function(par) {
  n <- exp(par[1]); q <- exp(par[2]); m <- 1e5 / (500 + n * (100 + 120 * q))
  1 / (m * n * q) * (0.01 * n * q + 1 + 0.1 * (q - 1))
}
o <- optim(c(0, 0), relvar, method = "BFGS", control = list(reltol = 1e-16))
cat("three stages", exp(o$par), sqrt(o$value), "\n")

# Bethel: minimise the total of n under all cvs, by sequential quadratic programming.
N <- c(1200, 800, 3000, 450, 90)
M <- cbind(c(72, 65, 80, 70, 60), c(0.30, 0.20, 0.12, 0.40, 0.50), c(9, 14, 6, 30, 80))
S <- cbind(c(15, 20, 12, 18, 22), c(0.46, 0.40, 0.32, 0.49, 0.50), c(8, 20, 6, 40, 120))
cost <- c(1, 1.5, 1, 2, 4)
masks <- rbind(rep(TRUE, 5), c(TRUE, TRUE, FALSE, FALSE, FALSE), c(FALSE, FALSE, TRUE, TRUE, TRUE))
cvs <- rbind(c(0.01, 0.05, 0.05), c(0.02, 0.06, 0.10), c(0.02, 0.08, 0.06))
A <- NULL
for (d in 1:3) for (j in 1:3) {
  k <- masks[d, ]
  bound <- (cvs[d, j] * sum((N * M[, j])[k]))^2 + sum((N * S[, j]^2)[k])
  A <- rbind(A, N^2 * S[, j]^2 * k / bound)
}
# In t = log n, where the problem is convex too and well scaled; started anew until it rests.
t <- log(N * 0.8)
for (again in 1:20) {
  fit <- nloptr::nloptr(
    x0 = t, eval_f = function(t) sum(cost * exp(t)), eval_grad_f = function(t) cost * exp(t),
    lb = rep(log(2), 5), ub = log(N), eval_g_ineq = function(t) as.vector(A %*% exp(-t) - 1),
    eval_jac_g_ineq = function(t) -A * rep(exp(-t), each = nrow(A)),
    opts = list(algorithm = "NLOPT_LD_SLSQP", xtol_rel = 1e-15, maxeval = 5000))
  t <- pmin(fit$solution, log(N))
}
cat("bethel", exp(t), fit$objective, max(A %*% exp(-t) - 1), "\n")
