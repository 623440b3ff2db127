/** Methods of devices, called by DeviceMethodCall objects. */
package io.kelp.cloud.method;
