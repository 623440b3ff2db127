package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Works out environment, command and arguments of containers. Safe for use by several threads; does not block. */
public interface ContainerEnvironment {

    /** @param env in the order of the pod; references in the form {@code $(NAME)} are expanded everywhere */
    record Resolved(Map<String, String> env, List<String> command, List<String> args) {}

    /** @return fails with {@link io.kelp.edged.WorkloadException} of reason {@code CreateContainerConfigError} */
    CompletionStage<Resolved> of(Pod pod, JsonObject container);
}
