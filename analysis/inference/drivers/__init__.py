"""What moves satisfaction: importance and performance of its drivers."""

from analysis.inference.drivers.analysis import DriverAnalysis, importance_performance

__all__ = ["DriverAnalysis", "importance_performance"]
