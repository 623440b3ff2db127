/** What the cloud service shows on loopback: metrics and health. */
package io.kelp.cloud.web;
