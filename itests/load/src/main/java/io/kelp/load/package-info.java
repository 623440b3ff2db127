/** Benchmarks and load tools; each prints its table. {@code sh itests/bench.sh NAME} runs them. */
package io.kelp.load;
