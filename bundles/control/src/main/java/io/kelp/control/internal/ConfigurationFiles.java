package io.kelp.control.internal;

import com.google.gson.JsonObject;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@code etc/PID.json} and Config Admin the same, in both directions. A file that is wrong
 * changes nothing: what was in force stays in force, over a restart as well, and a {@link Problem}
 * names file, key and what is allowed. Likewise a value set in the web console is taken back when
 * Metatype does not allow it.
 *
 * <p>The first pass is made in the activation, so that components of bundles that start later find
 * their configuration. Everything after it happens on one thread.
 */
@Component(service = {StatusSource.class, ConfigurationListener.class}, immediate = true)
public final class ConfigurationFiles implements StatusSource, ConfigurationListener {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationFiles.class);
    private static final long LOOK_SECONDS = 2;
    private static final String REFUSED = "SETTINGS-REFUSED";
    private static final Duration REFUSAL_SHOWN = Duration.ofMinutes(10); // nothing is wrong any more, but it should be seen

    private final BundleContext context;
    private final ConfigurationAdmin admin;
    private final SettingsFolder folder;
    private final ScheduledExecutorService thread;
    private final Map<String, Problem> problems = new ConcurrentHashMap<>();

    // State of the thread; of the activation before it.
    private final Map<String, SettingsFolder.Stamp> seen = new HashMap<>();
    private final Map<String, String> inForce = new HashMap<>(); // PID → Settings.write of its values
    private final Map<Long, Map<String, Map<String, SettingRule>>> rulesByBundle = new HashMap<>();
    private Set<String> knownPids = Set.of();

    @Activate
    public ConfigurationFiles(BundleContext context, @Reference ConfigurationAdmin admin) {
        this.context = context;
        this.admin = admin;
        this.folder = new SettingsFolder(FrameworkFolders.etc(context), FrameworkFolders.data(context).resolve("settings"));
        look();
        this.thread = Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "kelp-settings"));
        thread.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    @Deactivate
    void stop() {
        thread.shutdownNow();
    }

    private void look() {
        try {
            boolean newRules = readRules();
            SortedMap<String, SettingsFolder.Stamp> files = folder.files();
            for (Map.Entry<String, SettingsFolder.Stamp> file : files.entrySet()) {
                String pid = file.getKey();
                if (newRules || !file.getValue().equals(seen.get(pid))) {
                    seen.put(pid, file.getValue());
                    load(pid);
                }
            }
            for (String gone : new HashSet<>(seen.keySet())) {
                if (!files.containsKey(gone)) {
                    unload(gone);
                }
            }
            problems.remove("");
            Instant old = Instant.now().minus(REFUSAL_SHOWN);
            problems.values().removeIf(p -> p.code().equals(REFUSED) && p.since().isBefore(old));
        } catch (IOException e) {
            problem("", "Settings cannot be read or written: " + e, "Check that the folders etc and data are there and writable.");
        } catch (RuntimeException e) {
            LOG.error("Looking for settings failed", e); // else the executor would end the task without a word
        }
    }

    private void load(String pid) throws IOException {
        try {
            String text = folder.read(pid);
            Settings.Read read = Settings.read(text, rules(pid));
            apply(pid, read);
            folder.nowGood(pid, text);
            if (read.unknown() == null) {
                solved(pid);
            } else {
                problem(pid, "etc/" + pid + ".json: " + read.unknown() + ".", "Correct or remove the key.");
            }
        } catch (IllegalArgumentException e) {
            String good = inForce.containsKey(pid) ? null : folder.lastGood(pid);
            String kept = "what was set before stays in force";
            if (good != null) {
                try {
                    apply(pid, Settings.read(good, rules(pid)));
                } catch (IllegalArgumentException worse) {
                    kept = "the defaults are in force";
                }
            } else if (!inForce.containsKey(pid)) {
                kept = "the defaults are in force";
            }
            problem(pid, "etc/" + pid + ".json: " + e.getMessage() + "; " + kept + ".", "Correct the file; it is read again at once.");
        }
    }

    private void apply(String pid, Settings.Read read) throws IOException {
        String text = Settings.write(read.values());
        if (text.equals(inForce.get(pid))) {
            return;
        }
        boolean first = inForce.put(pid, text) == null;
        configuration(pid).update(read.values());
        LOG.info("{} settings of {}", first ? "Read" : "Changed", pid);
    }

    private void unload(String pid) throws IOException {
        seen.remove(pid);
        folder.forgetGood(pid);
        solved(pid);
        if (inForce.remove(pid) != null) {
            configuration(pid).delete();
            LOG.info("No settings for {} any more, the defaults are in force", pid);
        }
    }

    private Configuration configuration(String pid) throws IOException {
        int tilde = pid.indexOf('~');
        return tilde < 0 ? admin.getConfiguration(pid, "?")
                : admin.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?");
    }

    /** Called by Config Admin, for our own changes as well. */
    @Override
    public void configurationEvent(ConfigurationEvent event) {
        try {
            thread.execute(() -> changed(event.getPid(), event.getType() == ConfigurationEvent.CM_DELETED));
        } catch (RejectedExecutionException e) {
            LOG.debug("Stopping, a change of {} is not written", event.getPid());
        }
    }

    private void changed(String pid, boolean deleted) {
        try {
            if (deleted) {
                if (inForce.remove(pid) != null) {
                    folder.remove(pid);
                    folder.forgetGood(pid);
                    seen.remove(pid);
                }
                return;
            }
            Configuration configuration = configuration(pid);
            String text = Settings.write(Settings.own(configuration.getProperties()));
            String before = inForce.get(pid);
            if (text.equals(before)) {
                return;
            }
            Settings.read(text, rules(pid));
            folder.write(pid, text);
            folder.nowGood(pid, text);
            inForce.put(pid, text);
            seen.put(pid, folder.files().get(pid));
            solved(pid);
            LOG.info("Wrote changed settings of {}", pid);
        } catch (IllegalArgumentException e) {
            takeBack(pid, e.getMessage());
        } catch (IOException e) {
            problem(pid, "etc/" + pid + ".json cannot be written: " + e + "; the change is lost at the next start.", "Make room or make etc writable, then change it again.");
        } catch (RuntimeException e) {
            LOG.error("Change of {} failed", pid, e); // else the executor would end the task without a word
        }
    }

    private void takeBack(String pid, String reason) {
        problem(pid, REFUSED, "A change of " + pid + " was taken back: " + reason + ".", "Set an allowed value.");
        try {
            String before = inForce.get(pid);
            if (before == null) {
                configuration(pid).delete();
            } else {
                configuration(pid).update(Settings.read(before, rules(pid)).values());
            }
        } catch (IOException e) {
            LOG.warn("Taking back a change of {} failed: {}", pid, e.toString());
        }
    }

    private void problem(String pid, String sentence, String remedy) {
        problem(pid, "SETTINGS", sentence, remedy);
    }

    private void problem(String pid, String code, String sentence, String remedy) {
        Problem old = problems.get(pid);
        if (old == null || !old.sentence().equals(sentence)) {
            problems.put(pid, new Problem(code, sentence, pid.isEmpty() ? "etc" : "etc/" + pid + ".json", remedy, Instant.now()));
            LOG.warn("{} {}", sentence, remedy);
        }
    }

    private void solved(String pid) {
        problems.remove(pid);
    }

    private Map<String, SettingRule> rules(String pid) {
        String service = pid.replaceFirst("~.*", "");
        return rulesByBundle.values().stream().map(rules -> rules.get(service)).filter(r -> r != null).findFirst().orElse(null);
    }

    /** Reads the rules of bundles that have come; returns whether a PID has become known or unknown. */
    private boolean readRules() {
        Set<Long> present = new HashSet<>();
        for (Bundle bundle : context.getBundles()) {
            // An update keeps the id: the time of change tells it.
            long key = bundle.getBundleId() ^ (bundle.getLastModified() << 16);
            present.add(key);
            rulesByBundle.computeIfAbsent(key, k -> rules(bundle));
        }
        rulesByBundle.keySet().retainAll(present);
        Set<String> pids = new HashSet<>();
        rulesByBundle.values().forEach(rules -> pids.addAll(rules.keySet()));
        boolean changed = !pids.equals(knownPids);
        knownPids = pids;
        return changed;
    }

    private static Map<String, Map<String, SettingRule>> rules(Bundle bundle) {
        Map<String, Map<String, SettingRule>> rules = new HashMap<>();
        Enumeration<String> paths = bundle.getState() == Bundle.UNINSTALLED ? null : bundle.getEntryPaths("OSGI-INF/metatype/");
        for (String path : paths == null ? List.<String>of() : Collections.list(paths)) {
            URL xml = path.endsWith(".xml") ? bundle.getEntry(path) : null;
            if (xml != null) {
                try (InputStream in = xml.openStream()) {
                    rules.putAll(MetatypeReader.read(in));
                } catch (IOException e) {
                    LOG.warn("Settings of bundle {} are not checked: {} in {}", bundle.getSymbolicName(), e.getMessage(), path);
                }
            }
        }
        return rules;
    }

    @Override
    public JsonObject status() {
        return new JsonObject();
    }

    @Override
    public List<Problem> problems() {
        return List.copyOf(problems.values());
    }
}
