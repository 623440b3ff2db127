/** Registries of images: Debian's as a process, and one of our own that can be told to misbehave. */
package io.kelp.testkit.registry;
