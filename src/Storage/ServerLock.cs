namespace Engagement.Storage;

/// <summary>Says that one server process works on an embedded database; a second one is refused while this is held.</summary>
/// <remarks>Command-line verbs do not take it: they write in small transactions beside the server.</remarks>
public sealed class ServerLock : IDisposable
{
    private readonly FileStream _file;

    private ServerLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of <paramref name="folder"/>.</summary>
    /// <exception cref="StorageException"><c>server_running</c>.</exception>
    public static ServerLock Take(string folder)
    {
        var path = Path.Combine(folder, "server.lock");
        try
        {
            return new ServerLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException failure) when (failure is not DirectoryNotFoundException)
        {
            throw new StorageException("server_running", new(
                $"已有一个服务在使用 {folder}，请先停止它，或换一个 --data 文件夹。",
                $"A server is already using {folder}: stop it first, or choose another --data folder."), failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
