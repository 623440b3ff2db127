package io.kelp.mapper.internal;

import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceProperty;

/** An open device, for those who make calls of its driver in its turns. Confined to the timeline. */
interface Driving {

    DriverCalls calls();

    DeviceConnection connection();

    /** Whether it has just failed. */
    boolean suspect();

    /** It has answered. */
    void answered();

    /** What has just been read or written has gone well, and if nothing is left to do the device counts as well. */
    void settled();

    /** @return whether the call's failure means that the device is lost; it is then taken out of service */
    boolean broken(Throwable cause);

    /** The property is to be read in the next turn, unless the device is gone by now. */
    void readSoon(DeviceProperty property);
}
