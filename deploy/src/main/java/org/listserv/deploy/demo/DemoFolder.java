package org.listserv.deploy.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The demo's folder while this process has it. The kernel gives it back when the process ends, however it ends.
final class DemoFolder implements AutoCloseable {

    private final Path path;
    private final FileChannel lock;

    private DemoFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /// @throws DemoTrouble naming the process that has it
    static DemoFolder take(Path path) throws IOException {
        try {
            Files.createDirectories(path);
        } catch (FileAlreadyExistsException e) {
            throw new DemoTrouble(path + " is a file: choose a folder with --dir");
        } catch (IOException e) {
            throw new DemoTrouble("cannot make the folder " + path + " (" + e.getMessage() + "): choose another with --dir");
        }
        var file = path.resolve("demo.pid");
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new DemoTrouble("cannot write to the folder " + path + " (" + e.getMessage() + "): choose another with --dir");
        }
        if (!locked(channel)) {
            channel.close();
            var pid = Files.readString(file).strip();
            throw new DemoTrouble("a demo runs in " + path + " already (pid " + pid + "): stop it with Ctrl-C or `kill " + pid
                    + "`, or start this one elsewhere with --dir and other ports");
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        return new DemoFolder(path, channel);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        lock.truncate(0);
        lock.close();
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // another demo in this very process
        }
    }
}
