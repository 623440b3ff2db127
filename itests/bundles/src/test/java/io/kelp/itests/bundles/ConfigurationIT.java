package io.kelp.itests.bundles;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import io.kelp.control.Problem;
import io.kelp.control.StatusReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.inject.Inject;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerMethod;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;

/** Every number of every component: what its Metatype allows arrives, what it does not is refused with its name. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerMethod.class)
public class ConfigurationIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    /** More than any whole number may be. */
    private static final String TOO_MUCH = "99999999999";

    @Inject
    private BundleContext context;

    @Inject
    private ConfigurationAdmin admin;

    @Inject
    private StatusReport report;

    private Framework framework;

    @Configuration
    public Option[] configuration() {
        return GatewayFramework.withFeature("base");
    }

    @Before
    public void everythingRuns() throws Exception {
        framework = new Framework(context);
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
    }

    @Test
    public void aFileWithABadValueIsRefusedAndNamesKeyAndPlace() throws Exception {
        Map<String, List<String>> numbers = numbers();
        assertTrue(numbers.keySet().toString(), numbers.size() >= 10);
        int most = numbers.values().stream().mapToInt(List::size).max().orElseThrow();
        for (int i = 0; i < most; i++) {
            Map<String, String> keys = new TreeMap<>();
            for (Map.Entry<String, List<String>> pid : numbers.entrySet()) {
                if (i < pid.getValue().size() && !pid.getKey().equals("io.kelp.control")) {
                    keys.put(pid.getKey(), pid.getValue().get(i));
                    file(pid.getKey(), "{\"" + pid.getValue().get(i) + "\": " + TOO_MUCH + "}");
                }
            }
            Framework.await(SOON, () -> accepted(keys).isEmpty(), () -> "accepted, or refused without a word: " + accepted(keys));
            for (Map.Entry<String, String> key : keys.entrySet()) {
                assertNotEquals(key + " is in force", TOO_MUCH, String.valueOf(inForce(key.getKey(), key.getValue())));
            }
        }
        assertEquals(List.of(), framework.troubledComponents());
    }

    @Test
    public void aBadValueSetInConfigAdminIsTakenBack() throws Exception {
        for (String pid : numbers().keySet()) {
            String key = numbers().get(pid).get(0);
            var configuration = admin.getConfiguration(pid, "?");
            Object before = inForce(pid, key);
            configuration.update(new Hashtable<>(Map.of(key, TOO_MUCH)));
            Framework.await(SOON, () -> Objects.equals(before, inForce(pid, key)), () -> pid + " keeps " + inForce(pid, key));
        }
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
    }

    @Test
    public void theDefaultsAreAllowedAndArrive() throws Exception {
        Map<String, ObjectClassDefinition> forms = forms();
        for (Map.Entry<String, ObjectClassDefinition> form : forms.entrySet()) {
            for (AttributeDefinition each : form.getValue().getAttributeDefinitions(ObjectClassDefinition.ALL)) {
                if (each.getType() == AttributeDefinition.INTEGER && each.getDefaultValue() != null) {
                    assertEquals(form.getKey() + " " + each.getID(), "", each.validate(each.getDefaultValue()[0]));
                }
            }
        }
        file("io.kelp.mapper", "{\"" + numbers().get("io.kelp.mapper").get(0) + "\": "
                + defaultOf(forms.get("io.kelp.mapper"), numbers().get("io.kelp.mapper").get(0)) + "}");
        String key = numbers().get("io.kelp.mapper").get(0);
        Framework.await(SOON, () -> inForce("io.kelp.mapper", key) != null, () -> "nothing for io.kelp.mapper");
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
    }

    /** A value in Config Admin, null when there is none. */
    private Object inForce(String pid, String key) throws Exception {
        var found = admin.listConfigurations("(service.pid=" + pid + ")");
        try {
            return found == null ? null : found[0].getProperties().get(key);
        } catch (IllegalStateException e) {
            return null; // deleted since it was listed
        }
    }

    private static String defaultOf(ObjectClassDefinition form, String key) {
        for (AttributeDefinition each : form.getAttributeDefinitions(ObjectClassDefinition.ALL)) {
            if (each.getID().equals(key)) {
                return each.getDefaultValue()[0];
            }
        }
        throw new AssertionError(key);
    }

    /** Settings that no problem complains about. */
    private List<String> accepted(Map<String, String> keys) {
        List<Problem> problems = report.problems();
        return keys.entrySet().stream().filter(key -> problems.stream().noneMatch(p -> p.where().equals("etc/" + key.getKey() + ".json")
                && p.sentence().contains('"' + key.getValue() + '"'))).map(Object::toString).toList();
    }

    /** PID → names of its whole numbers. */
    private Map<String, List<String>> numbers() {
        Map<String, List<String>> numbers = new TreeMap<>();
        for (Map.Entry<String, ObjectClassDefinition> form : forms().entrySet()) {
            List<String> keys = new ArrayList<>();
            for (AttributeDefinition each : form.getValue().getAttributeDefinitions(ObjectClassDefinition.ALL)) {
                if (each.getType() == AttributeDefinition.INTEGER) {
                    keys.add(each.getID());
                }
            }
            if (!keys.isEmpty()) {
                numbers.put(form.getKey(), keys);
            }
        }
        return numbers;
    }

    private Map<String, ObjectClassDefinition> forms() {
        var reference = context.getServiceReference(MetaTypeService.class);
        MetaTypeService metatype = context.getService(reference);
        Map<String, ObjectClassDefinition> forms = new TreeMap<>();
        for (Bundle bundle : framework.ownBundles()) {
            var information = metatype.getMetaTypeInformation(bundle);
            for (String pid : information == null ? new String[0] : information.getPids()) {
                forms.put(pid, information.getObjectClassDefinition(pid, null));
            }
        }
        context.ungetService(reference);
        return forms;
    }

    private void file(String pid, String text) throws Exception {
        Path etc = Path.of(context.getProperty("kelp.etc"));
        Path fresh = Files.writeString(etc.resolve("." + pid + ".new"), text);
        Files.move(fresh, etc.resolve(pid + ".json"), StandardCopyOption.ATOMIC_MOVE);
    }
}
