package io.kelp.edged.internal.eviction;

/** The Node's side of a shortage, for those who have to give way. A service within this bundle. */
public interface PressureSource {

    Pressure pressure();
}
