/** WebSocket endpoint, node sessions and reliable delivery. */
package io.kelp.cloud.hub;
