/** Histories of properties, compressed and ever coarser with age, in {@code series.db}. */
package io.kelp.history.internal;
