/** What several test suites share: recorded traffic, and real processes to test against. */
package io.kelp.testkit;
