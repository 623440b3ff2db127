package io.kelp.mapper;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Installs, updates and removes device mappers while everything else runs. What is done here
 * survives a power cut at any moment: afterwards either the old state is there or the new one.
 *
 * <p>Safe for use by several threads; changes are made one after the other. A changing method
 * returns when the change is durable and the mapper runs, at the latest after a minute.
 */
@ProviderType
public interface MapperInstaller {

    /** All mappers, in the order of their names: installed ones and those that came with the gateway. */
    List<Mapper> list();

    /**
     * Installs a mapper.
     *
     * @param jar the bundle; read to its end, not closed
     * @throws MapperRefusedException when the jar is no bundle, offers no driver, lacks something
     *     that it imports, does not start, or a mapper of that name is installed already; nothing has changed then
     * @throws IOException when the jar cannot be read or the disk refuses; nothing has changed then
     */
    Mapper install(InputStream jar) throws IOException, MapperRefusedException;

    /**
     * Replaces the installed mapper of the same symbolic name. When the new one does not start, the old one runs on.
     *
     * @throws MapperRefusedException as {@link #install}, or when no mapper of that name is there
     */
    Mapper update(InputStream jar) throws IOException, MapperRefusedException;

    /**
     * Removes a mapper. Devices, their twins and their last values stay.
     *
     * @param name symbolic name, its part after the last dot, or a protocol, as long as only one mapper answers to it
     * @throws MapperRefusedException when there is no such mapper, or it came with the gateway
     */
    void remove(String name) throws IOException, MapperRefusedException;

    /**
     * A mapper.
     *
     * @param name symbolic name of the bundle
     * @param version of the bundle
     * @param sha256 of the jar, in hexadecimal; empty for a mapper that came with the gateway
     * @param state of the bundle: {@code ACTIVE}, {@code STARTING}, {@code RESOLVED}, {@code INSTALLED},
     *     or {@code DAMAGED} when the stored jar is not what was installed
     * @param protocols that it drives at this moment, in alphabetical order
     * @param origin {@code installed}, {@code folder FILE} for the drop folder, or {@code gateway}
     * @param devices that it drives at this moment
     */
    record Mapper(
            String name, String version, String sha256, String state, List<String> protocols, String origin, int devices) {
        public Mapper {
            protocols = List.copyOf(protocols);
        }
    }
}
