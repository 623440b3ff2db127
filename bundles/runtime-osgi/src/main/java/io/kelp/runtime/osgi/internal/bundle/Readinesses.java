package io.kelp.runtime.osgi.internal.bundle;

import io.kelp.edged.WorkloadContainer.Readiness;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** Says whether bundles can do their work: all active, all enabled components satisfied. */
final class Readinesses {

    private static final int MOST_REASONS = 5;

    private Readinesses() {}

    static Readiness of(List<Bundle> bundles, ServiceComponentRuntime components) {
        List<String> reasons = new ArrayList<>();
        for (Bundle bundle : bundles) {
            if (bundle.getState() != Bundle.ACTIVE && bundle.getState() != Bundle.STARTING) {
                reasons.add("bundle " + bundle.getSymbolicName() + " " + bundle.getVersion() + " is not active");
            }
        }
        if (reasons.isEmpty()) {
            for (ComponentDescriptionDTO component : components.getComponentDescriptionDTOs(bundles.toArray(Bundle[]::new))) {
                if (component.factory == null && components.isComponentEnabled(component)) {
                    check(component, components.getComponentConfigurationDTOs(component), reasons);
                }
            }
        }
        int more = reasons.size() - MOST_REASONS;
        return new Readiness(reasons.isEmpty(), String.join("; ", reasons.subList(0, Math.min(reasons.size(), MOST_REASONS)))
                + (more > 0 ? "; and " + more + " more" : ""));
    }

    private static void check(ComponentDescriptionDTO component, Collection<ComponentConfigurationDTO> configurations, List<String> reasons) {
        for (ComponentConfigurationDTO configuration : configurations) {
            if (configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                for (UnsatisfiedReferenceDTO reference : configuration.unsatisfiedReferences) {
                    reasons.add("component " + component.name + " waits for reference " + reference.name + service(component, reference.name)
                            + (reference.target == null ? "" : " " + reference.target));
                }
            } else if (configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                reasons.add("component " + component.name + " fails when it is activated: " + firstLine(configuration.failure));
            }
        }
    }

    private static String service(ComponentDescriptionDTO component, String reference) {
        for (var one : component.references) {
            if (one.name.equals(reference)) {
                return " (" + one.interfaceName + ")";
            }
        }
        return "";
    }

    /** The failure is a stack trace; its first line says what, the last cause says why. */
    private static String firstLine(String failure) {
        String[] lines = String.valueOf(failure).split("\n");
        String cause = lines[0].strip();
        for (String line : lines) {
            if (line.startsWith("Caused by: ")) {
                cause = line.substring("Caused by: ".length()).strip();
            }
        }
        return cause;
    }

}
