package io.kelp.mapper;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** How the devices that mappers drive are doing. Safe for use by several threads; no method blocks. */
@ProviderType
public interface MapperHealth {

    /** All devices at this moment, in the order of namespace and name. */
    List<DeviceHealth> devices();
}
