/** What the cloud service shows on loopback: the page, metrics and health. */
package io.kelp.cloud.web;
