/** The program that starts the framework, and what it offers to the bundles in it. */
package io.kelp.launcher;
