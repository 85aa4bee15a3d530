"""What is measured: the soak (`make soak`) and the benchmarks (`make bench`)."""
