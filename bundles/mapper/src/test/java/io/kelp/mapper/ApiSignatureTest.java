package io.kelp.mapper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The driver interface is what it was. A line that is gone or different breaks the mappers of others: it takes a new major version.
 * A new line that a driver need not know takes a new minor version. Either way the file with the signatures gets the new ones, by
 * {@code -Dkelp.api.write=<file>}, in the same commit as the version in {@code package-info.java}.
 */
class ApiSignatureTest {

    private static final String KEPT = "/io/kelp/mapper/api-1.1.txt";

    @Test
    void theDriverInterfaceIsAsItWasFrozen() throws Exception {
        List<String> now = signatures();
        String write = System.getProperty("kelp.api.write");
        if (write != null) {
            Files.write(Path.of(write), now);
        }
        try (InputStream in = ApiSignatureTest.class.getResourceAsStream(KEPT)) {
            List<String> kept = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
            TreeSet<String> gone = new TreeSet<>(kept);
            gone.removeAll(now);
            TreeSet<String> come = new TreeSet<>(now);
            come.removeAll(kept);
            assertEquals("gone: []\ncome: []", "gone: " + gone + "\ncome: " + come);
        }
    }

    @Test
    void theSignaturesSeeWhatMatters() throws Exception {
        List<String> now = signatures();
        assertTrue(now.contains("io.kelp.mapper.DeviceDriver: public abstract java.lang.String protocol()"), now.toString());
        assertTrue(now.contains("io.kelp.mapper.Lane: record(java.lang.String bus, java.time.Duration pause, java.time.Duration deadline)"));
        assertTrue(now.contains("io.kelp.mapper.Reading$Quality: constant BAD"));
        assertTrue(now.contains("io.kelp.mapper.DeviceConnection: permits [io.kelp.mapper.AsyncConnection, io.kelp.mapper.BlockingConnection]"));
    }

    private static List<String> signatures() throws IOException, ReflectiveOperationException, java.net.URISyntaxException {
        Path folder = Path.of(DeviceDriver.class.getProtectionDomain().getCodeSource().getLocation().toURI()).resolve("io/kelp/mapper");
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                if (!name.equals("package-info")) {
                    add(Class.forName("io.kelp.mapper." + name), lines);
                }
            }
        }
        return lines.stream().sorted().distinct().toList();
    }

    private static void add(Class<?> type, List<String> lines) {
        if (!Modifier.isPublic(type.getModifiers())) {
            return;
        }
        String of = type.getName() + ": ";
        lines.add(of + Modifier.toString(type.getModifiers()) + (type.isInterface() ? "" : " extends " + type.getGenericSuperclass().getTypeName())
                + " implements " + names(type.getGenericInterfaces()));
        if (type.isSealed()) {
            lines.add(of + "permits " + Arrays.stream(type.getPermittedSubclasses()).map(Class::getName).sorted().toList());
        }
        if (type.isRecord()) {
            lines.add(of + "record(" + Arrays.stream(type.getRecordComponents()).map(ApiSignatureTest::component).collect(Collectors.joining(", ")) + ")");
        }
        for (Field field : type.getDeclaredFields()) {
            if (field.isEnumConstant()) {
                lines.add(of + "constant " + field.getName());
            } else if (isOpen(field.getModifiers())) {
                lines.add(of + Modifier.toString(field.getModifiers()) + " " + field.getGenericType().getTypeName() + " " + field.getName());
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isOpen(constructor.getModifiers())) {
                lines.add(of + "new" + shape(constructor));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isOpen(method.getModifiers()) && !method.isSynthetic()) {
                lines.add(of + (method.isDefault() ? "default " : "") + Modifier.toString(method.getModifiers() & ~Modifier.SYNCHRONIZED) + " "
                        + method.getGenericReturnType().getTypeName() + " " + method.getName() + shape(method));
            }
        }
    }

    private static boolean isOpen(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String component(RecordComponent component) {
        return component.getGenericType().getTypeName() + " " + component.getName();
    }

    private static String shape(Executable executable) {
        return names(executable.getGenericParameterTypes()).replace('[', '(').replace(']', ')')
                + (executable.getExceptionTypes().length == 0 ? "" : " throws " + names(executable.getGenericExceptionTypes()));
    }

    private static String names(Type[] types) {
        return Arrays.stream(types).map(Type::getTypeName).map(n -> n.replace("[]", "…")).toList().toString();
    }
}
