import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.trino.spi.Plugin;
import io.trino.spi.security.AccessDeniedException;
import io.trino.spi.security.BasicPrincipal;
import io.trino.spi.security.PasswordAuthenticator;
import io.trino.spi.security.PasswordAuthenticatorFactory;
import io.trino.spi.spool.SpooledLocation;
import io.trino.spi.spool.SpooledLocation.DirectLocation;
import io.trino.spi.spool.SpooledSegmentHandle;
import io.trino.spi.spool.SpoolingContext;
import io.trino.spi.spool.SpoolingManager;
import io.trino.spi.spool.SpoolingManagerContext;
import io.trino.spi.spool.SpoolingManagerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Two of Trino's doors that no registry has a plugin for: sign-in by one name and password, and result segments put
 * aside in a folder. All that stands before and behind them (TLS, HTTP, the protocols) is the server's own.
 */
public class TrinoDoors
        implements Plugin
{
    @Override
    public Iterable<PasswordAuthenticatorFactory> getPasswordAuthenticatorFactories()
    {
        return List.of(new OnePassword());
    }

    @Override
    public Iterable<SpoolingManagerFactory> getSpoolingManagerFactories()
    {
        return List.of(new FolderFactory());
    }

    public static class OnePassword
            implements PasswordAuthenticatorFactory
    {
        @Override
        public String getName()
        {
            return "one";
        }

        @Override
        public PasswordAuthenticator create(Map<String, String> config)
        {
            return (user, password) -> {
                if (user.equals(config.get("one.user")) && password.equals(config.get("one.password"))) {
                    return new BasicPrincipal(user);
                }
                throw new AccessDeniedException("Invalid credentials");
            };
        }
    }

    public static class FolderFactory
            implements SpoolingManagerFactory
    {
        @Override
        public String getName()
        {
            return "folder";
        }

        @Override
        public SpoolingManager create(Map<String, String> config, SpoolingManagerContext context)
        {
            return new Folder(Path.of(config.get("folder.path")));
        }
    }

    public record Segment(String identifier, String encoding, Instant expirationTime)
            implements SpooledSegmentHandle {}

    public static class Folder
            implements SpoolingManager
    {
        private final Path folder;

        public Folder(Path folder)
        {
            this.folder = folder;
        }

        private Path file(SpooledSegmentHandle segment)
        {
            return folder.resolve(segment.identifier());
        }

        @Override
        public SpooledSegmentHandle create(SpoolingContext context)
        {
            return new Segment(UUID.randomUUID().toString(), context.encoding(), Instant.now().plusSeconds(3600));
        }

        @Override
        public OutputStream createOutputStream(SpooledSegmentHandle segment)
                throws IOException
        {
            return Files.newOutputStream(file(segment));
        }

        @Override
        public InputStream openInputStream(SpooledSegmentHandle segment)
                throws IOException
        {
            return Files.newInputStream(file(segment));
        }

        @Override
        public void acknowledge(SpooledSegmentHandle segment)
                throws IOException
        {
            Files.deleteIfExists(file(segment));
        }

        @Override
        public Optional<DirectLocation> directLocation(SpooledSegmentHandle segment)
        {
            return Optional.empty();
        }

        @Override
        public SpooledLocation location(SpooledSegmentHandle segment)
        {
            String text = segment.identifier() + " " + segment.encoding();
            return SpooledLocation.coordinatorLocation(Slices.utf8Slice(text), Map.of());
        }

        @Override
        public SpooledSegmentHandle handle(Slice identifier, Map<String, List<String>> headers)
        {
            String[] parts = identifier.toStringUtf8().split(" ");
            return new Segment(parts[0], parts[1], Instant.now().plusSeconds(3600));
        }

        @Override
        public boolean isRecoverableException(IOException exception)
        {
            return false;
        }
    }
}
