package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.List;

/** Checks paths and modes of files in volumes. */
final class PathChecks {

    private static final int MAX_MODE = 0777;

    private PathChecks() {
    }

    static void noStepsBack(Problems problems, String text, String path) {
        if (List.of(text.split("/", -1)).contains("..")) {
            problems.invalid(path, text, "must not contain '..'");
        }
    }

    static void descending(Problems problems, String text, String path) {
        if (text.startsWith("/")) {
            problems.invalid(path, text, "must be a relative path");
        }
        noStepsBack(problems, text, path);
    }

    static void notReserved(Problems problems, String text, String path) {
        descending(problems, text, path);
        if (text.startsWith("..") && !text.startsWith("../")) {
            problems.invalid(path, text, "must not start with '..'");
        }
    }

    /** @param object that may have a mode under that name */
    static void mode(Problems problems, JsonObject object, String name, String path) {
        long mode = Tree.number(object, name);
        if (mode < 0 || mode > MAX_MODE) {
            problems.invalid(path + "." + name, mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }
}
