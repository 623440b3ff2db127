package io.kelp.console.internal;

import io.kelp.mapper.MapperInstaller;
import io.kelp.mapper.MapperInstaller.Mapper;
import io.kelp.mapper.MapperRefusedException;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * The device mappers. The page shows them; {@code POST ?action=install} and {@code update} take a
 * jar as the body, {@code POST ?action=remove&name=NAME} removes one. Each answers with one
 * sentence and the status 200, or 409 when it was refused. {@link KelpSecurity} has seen to it that
 * the request comes from this page.
 */
@Component(service = Servlet.class, property = {
        ServletConstants.PLUGIN_LABEL + "=kelp-mappers", ServletConstants.PLUGIN_TITLE + "=Mappers", ServletConstants.PLUGIN_CATEGORY + "=Kelp"})
public final class MappersPage extends AbstractServlet {

    private static final long serialVersionUID = 1L;
    private static final int MAX_JAR_BYTES = 16 << 20;
    private static final int MAX_NAME = 256;

    private static final String UPLOAD = """
            <p><label>Mapper (jar): <input type="file" id="kelp-jar" accept=".jar"></label>
            <button id="kelp-install">Install</button> <button id="kelp-update">Update</button></p>
            <p id="kelp-message" role="status"></p>
            <script>
            (function () {
              function send(query, body) {
                var message = document.getElementById('kelp-message');
                message.textContent = 'working';
                fetch(location.pathname + query, {method: 'POST', body: body, credentials: 'same-origin'})
                  .then(function (r) { return r.text().then(function (t) {
                    message.textContent = t;
                    if (r.ok) { setTimeout(function () { location.reload(); }, 1500); }
                  }); })
                  .catch(function (e) { message.textContent = 'The gateway does not answer: ' + e; });
              }
              function upload(action) {
                var file = document.getElementById('kelp-jar').files[0];
                if (file) { send('?action=' + action, file); }
                else { document.getElementById('kelp-message').textContent = 'Choose a jar first.'; }
              }
              document.getElementById('kelp-install').onclick = function () { upload('install'); };
              document.getElementById('kelp-update').onclick = function () { upload('update'); };
              document.querySelectorAll('button[data-mapper]').forEach(function (button) {
                button.onclick = function () {
                  if (confirm('Remove ' + button.dataset.mapper + '?')) {
                    send('?action=remove&name=' + encodeURIComponent(button.dataset.mapper), '');
                  }
                };
              });
            })();
            </script>
            """;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile MapperInstaller installer;

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        MapperInstaller now = installer;
        response.getWriter().print(now == null ? new Html().paragraph("The bundle io.kelp.mapper does not run.").toString() : page(now.list()));
    }

    static String page(List<Mapper> mappers) {
        Html html = new Html();
        html.table("kelp-mappers", "Mapper", "Version", "State", "Protocols", "Devices", "From", "SHA-256", "");
        for (Mapper mapper : mappers) {
            html.markup("<tr>");
            for (String cell : new String[] {mapper.name(), mapper.version(), mapper.state(), String.join(", ", mapper.protocols()),
                    String.valueOf(mapper.devices()), mapper.origin(), mapper.sha256().length() > 12 ? mapper.sha256().substring(0, 12) : ""}) {
                html.markup("<td>").text(cell).markup("</td>");
            }
            html.markup("<td>");
            if (!mapper.origin().equals("gateway")) {
                html.markup("<button data-mapper=\"").text(mapper.name()).markup("\">Remove</button>");
            }
            html.markup("</td></tr>\n");
        }
        return html.endTable().markup(UPLOAD).toString();
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain;charset=utf-8");
        try {
            response.getWriter().println(act(request));
        } catch (MapperRefusedException | IOException e) {
            response.setStatus(HttpServletResponse.SC_CONFLICT);
            response.getWriter().println(e.getMessage());
        }
    }

    private String act(HttpServletRequest request) throws IOException, MapperRefusedException {
        MapperInstaller now = installer;
        if (now == null) {
            throw new IOException("the bundle io.kelp.mapper does not run");
        }
        String action = String.valueOf(parameter(request.getQueryString(), "action"));
        return switch (action) {
            case "install" -> said(now.install(jar(request)), "installed");
            case "update" -> said(now.update(jar(request)), "updated");
            case "remove" -> {
                String name = parameter(request.getQueryString(), "name");
                if (name == null || name.isEmpty() || name.length() > MAX_NAME) {
                    throw new IOException("say which mapper to remove: name=NAME");
                }
                now.remove(name);
                yield name + " removed";
            }
            default -> throw new IOException("action is install, update or remove");
        };
    }

    /** From the query alone: the servlet's own method would read the body, too, if it is declared as a form. */
    static String parameter(String query, String name) {
        for (String pair : query == null ? new String[0] : query.split("&")) {
            if (pair.startsWith(name + "=")) {
                try {
                    return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    return null; // broken escape: as good as missing
                }
            }
        }
        return null;
    }

    private static String said(Mapper mapper, String what) {
        return mapper.name() + " " + mapper.version() + " " + what;
    }

    private static InputStream jar(HttpServletRequest request) throws IOException {
        byte[] bytes = request.getInputStream().readNBytes(MAX_JAR_BYTES + 1);
        if (bytes.length == 0) {
            throw new IOException("the body must be the jar");
        }
        if (bytes.length > MAX_JAR_BYTES) {
            throw new IOException("a mapper has at most " + (MAX_JAR_BYTES >> 20) + " MiB; use kelp mapper install for a larger one");
        }
        return new ByteArrayInputStream(bytes);
    }
}
