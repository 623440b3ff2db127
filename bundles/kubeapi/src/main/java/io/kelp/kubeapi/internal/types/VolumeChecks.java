package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Checks the volumes of a pod. Kinds of storage that no gateway has are only checked for being the only source of their volume. */
final class VolumeChecks {

    private static final List<String> ORDER = List.of("emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
            "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "configMap", "azureFile",
            "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos", "projected", "scaleIO", "csi", "ephemeral", "image");
    private static final List<String> HOST_PATHS = List.of("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket");
    private static final int MIN_TOKEN_SECONDS = 600;

    private final Problems problems;

    VolumeChecks(Problems problems) {
        this.problems = problems;
    }

    /** @return names of the volumes that are right */
    Set<String> check(List<JsonObject> volumes, String path) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < volumes.size(); i++) {
            int before = problems.count();
            String at = path + "[" + i + "]";
            source(volumes.get(i), at);
            String name = Tree.text(volumes.get(i), "name");
            if (name.isEmpty()) {
                problems.required(at + ".name", "");
            } else {
                problems.invalid(at + ".name", name, Formats.label(name));
            }
            if (names.contains(name)) {
                problems.duplicate(at + ".name", Problems.quoted(name), "");
            }
            if (problems.count() == before) {
                names.add(name);
            }
        }
        return names;
    }

    private void source(JsonObject volume, String path) {
        int found = 0;
        for (String kind : ORDER) {
            if (!Tree.has(volume, kind)) {
                continue;
            }
            if (found++ > 0) {
                problems.forbidden(path + "." + kind, "may not specify more than 1 volume type");
            } else {
                one(kind, Tree.object(volume, kind), path + "." + kind);
            }
        }
        if (found == 0) {
            problems.required(path, "must specify a volume type");
        }
    }

    private void one(String kind, JsonObject source, String path) {
        switch (kind) {
            case "emptyDir" -> {
                String limit = Tree.text(source, "sizeLimit");
                if (!limit.isEmpty() && Quantity.parse(limit).signum() < 0) {
                    problems.forbidden(path + ".sizeLimit", "SizeLimit field must be a valid resource quantity");
                }
            }
            case "hostPath" -> {
                if (require(source, "path", path)) {
                    PathChecks.noStepsBack(problems, Tree.text(source, "path"), path + ".path");
                    if (!HOST_PATHS.contains(Tree.text(source, "type"))) {
                        problems.notSupported(path + ".type", Tree.text(source, "type"), HOST_PATHS);
                    }
                }
            }
            case "secret" -> files(source, "secretName", path);
            case "configMap" -> files(source, "name", path);
            case "persistentVolumeClaim" -> require(source, "claimName", path);
            case "nfs" -> {
                require(source, "server", path);
                require(source, "path", path);
                if (!Tree.text(source, "path").startsWith("/")) {
                    problems.invalid(path + ".path", Tree.text(source, "path"), "must be an absolute path");
                }
            }
            case "downwardAPI" -> {
                PathChecks.mode(problems, source, "defaultMode", path);
                Tree.objects(source, "items").forEach(file -> downwardFile(file, path));
            }
            case "projected" -> projected(source, path);
            case "csi" -> {
                require(source, "driver", path);
                problems.invalid(path + ".driver", Tree.text(source, "driver"), Formats.subdomain(Tree.text(source, "driver").toLowerCase(Locale.ROOT)));
            }
            default -> { }
        }
    }

    private boolean require(JsonObject source, String name, String path) {
        boolean there = !Tree.text(source, name).isEmpty();
        if (!there) {
            problems.required(path + "." + name, "");
        }
        return there;
    }

    private void files(JsonObject source, String name, String path) {
        require(source, name, path);
        PathChecks.mode(problems, source, "defaultMode", path);
        items(source, path);
    }

    private void items(JsonObject source, String path) {
        List<JsonObject> items = Tree.objects(source, "items");
        for (int i = 0; i < items.size(); i++) {
            String at = path + ".items[" + i + "]";
            require(items.get(i), "key", at);
            require(items.get(i), "path", at);
            PathChecks.notReserved(problems, Tree.text(items.get(i), "path"), at + ".path");
            PathChecks.mode(problems, items.get(i), "mode", at);
        }
    }

    private void downwardFile(JsonObject file, String path) {
        require(file, "path", path);
        PathChecks.notReserved(problems, Tree.text(file, "path"), path + ".path");
        boolean resource = Tree.has(file, "resourceFieldRef");
        if (Tree.has(file, "fieldRef")) {
            FieldReferences.checkField(problems, Tree.object(file, "fieldRef"), FieldReferences.FOR_FILES, path + ".fieldRef");
            if (resource) {
                problems.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
            }
        } else if (resource) {
            FieldReferences.checkResource(problems, Tree.object(file, "resourceFieldRef"), true, path + ".resourceFieldRef");
        } else {
            problems.required(path, "one of fieldRef and resourceFieldRef is required");
        }
        PathChecks.mode(problems, file, "mode", path);
    }

    private void projected(JsonObject projection, String path) {
        PathChecks.mode(problems, projection, "defaultMode", path);
        Set<String> paths = new HashSet<>();
        List<JsonObject> sources = Tree.objects(projection, "sources");
        for (int i = 0; i < sources.size(); i++) {
            String at = path + ".sources[" + i + "]";
            JsonObject source = sources.get(i);
            int found = 0;
            for (Map.Entry<String, JsonElement> member : source.entrySet()) {
                found++;
                JsonObject part = member.getValue().getAsJsonObject();
                switch (member.getKey()) {
                    case "secret", "configMap" -> {
                        require(part, "name", at + "." + member.getKey());
                        items(part, at + "." + member.getKey());
                        Tree.objects(part, "items").forEach(item -> unique(paths, Tree.text(item, "path"), Tree.text(part, "name"), path));
                    }
                    case "downwardAPI" -> Tree.objects(part, "items").forEach(file -> {
                        downwardFile(file, at + ".downwardAPI");
                        unique(paths, Tree.text(file, "path"), Tree.text(file, "path"), path);
                    });
                    case "serviceAccountToken" -> token(part, at + ".serviceAccountToken", path);
                    default -> { }
                }
            }
            if (found > 1) {
                problems.forbidden(at, "may not specify more than 1 volume type per source");
            }
        }
    }

    private void token(JsonObject token, String at, String path) {
        long seconds = Tree.number(token, "expirationSeconds");
        if (seconds < MIN_TOKEN_SECONDS) {
            problems.invalid(at + ".expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
        }
        if (seconds > 1L << 32) {
            problems.invalid(at + ".expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds");
        }
        if (require(token, "path", path)) {
            PathChecks.notReserved(problems, Tree.text(token, "path"), path + ".path");
        }
    }

    private void unique(Set<String> paths, String file, String shown, String path) {
        if (!file.isEmpty() && !paths.add(file)) {
            problems.invalid(path, shown, "conflicting duplicate paths");
        }
    }
}
