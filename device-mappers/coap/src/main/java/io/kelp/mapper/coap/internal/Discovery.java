package io.kelp.mapper.coap.internal;

import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.coap.internal.codec.Format;
import io.kelp.mapper.coap.internal.codec.LinkFormat;
import io.kelp.mapper.coap.internal.codec.LinkFormat.Link;
import io.kelp.mapper.coap.internal.codec.MalformedPayloadException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.californium.core.coap.Response;

/** What a device says of itself at {@code /.well-known/core} (RFC 6690), as properties. */
final class Discovery {

    static final Resource CORE = Resource.parse("/.well-known/core");
    private static final int MOST = 1000;
    private static final int LONGEST_NAME = 63;
    private static final int LONGEST_DESCRIPTION = 200;

    private Discovery() {}

    static List<SuggestedProperty> of(Response response) throws IOException {
        if (!response.isSuccess()) {
            throw Peer.refused("GET", CORE, response);
        }
        try {
            return suggestions(LinkFormat.decode(response.getPayload() == null ? new byte[0] : response.getPayload(), MOST));
        } catch (MalformedPayloadException e) {
            throw new io.kelp.mapper.RequestRefusedException("GET " + CORE + ": " + e.getMessage(), e);
        }
    }

    static List<SuggestedProperty> suggestions(List<Link> links) {
        Set<String> names = new HashSet<>();
        List<SuggestedProperty> found = new ArrayList<>();
        for (Link link : links) {
            // A link elsewhere is not this device's; the list itself is no value.
            if (link.target().startsWith("/") && !link.target().startsWith("//") && link.target().length() > 1
                    && !link.target().startsWith("/.well-known/") && readablePath(link.target())) {
                found.add(suggestion(link, unique(name(link.target()), names)));
            }
        }
        return found;
    }

    private static boolean readablePath(String target) {
        try {
            Resource.parse(target);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static SuggestedProperty suggestion(Link link, String name) {
        Optional<Format> format = format(link.attribute("ct"));
        Map<String, Object> visitor = new LinkedHashMap<>();
        visitor.put("path", link.target());
        if (link.has("obs")) {
            visitor.put("observe", true);
        }
        format.filter(f -> f != Format.TEXT).ifPresent(f -> visitor.put("format", f.word()));
        String interfaces = link.attribute("if");
        boolean writable = Stream.of("core.a", "core.p", "core.b", "oic.if.a", "oic.if.rw").anyMatch(i -> List.of(interfaces.split(" +")).contains(i));
        String words = String.join(", ", Stream.of(link.attribute("title"), link.attribute("rt"), interfaces).filter(s -> !s.isBlank()).toList())
                .replaceAll("\\p{Cntrl}", " ");
        return new SuggestedProperty(name, type(format, interfaces), writable ? AccessMode.READ_WRITE : AccessMode.READ_ONLY,
                words.length() > LONGEST_DESCRIPTION ? words.substring(0, LONGEST_DESCRIPTION) : words, visitor);
    }

    /** The first of the formats that we understand. */
    private static Optional<Format> format(String contentFormats) {
        return Stream.of(contentFormats.trim().split(" +")).filter(number -> number.matches("[0-9]{1,5}"))
                .map(number -> Format.ofNumber(Integer.parseInt(number))).flatMap(Optional::stream).findFirst();
    }

    private static PropertyType type(Optional<Format> format, String interfaces) {
        if (format.isEmpty() || format.get() == Format.TEXT) {
            return List.of(interfaces.split(" +")).contains("core.s") ? PropertyType.DOUBLE : PropertyType.STRING;
        }
        return switch (format.get()) {
            case SENML_JSON, SENML_CBOR -> PropertyType.DOUBLE;
            case OCTETS -> PropertyType.BYTES;
            default -> PropertyType.STRING;
        };
    }

    private static String name(String target) {
        String path = target.contains("?") ? target.substring(0, target.indexOf('?')) : target;
        String name = path.replaceAll("[^A-Za-z0-9]+", "-").replaceAll("^-|-$", "").toLowerCase(java.util.Locale.ROOT);
        return name.isEmpty() ? "resource" : name.substring(Math.max(0, name.length() - LONGEST_NAME));
    }

    private static String unique(String name, Set<String> taken) {
        String free = name;
        for (int i = 2; !taken.add(free); i++) {
            free = name + "-" + i;
        }
        return free;
    }
}
