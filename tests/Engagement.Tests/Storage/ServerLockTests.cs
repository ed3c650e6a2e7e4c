using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage;

public sealed class ServerLockTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_server_on_the_same_folder_is_refused_while_the_first_runs()
    {
        using (ServerLock.Take(_folder.Path))
        {
            var failure = Assert.Throws<StorageException>(() => ServerLock.Take(_folder.Path));
            Assert.Equal("server_running", failure.Code);
            Assert.Contains(_folder.Path, failure.Sentence.Zh);
        }

        ServerLock.Take(_folder.Path).Dispose();
    }

    [Fact]
    public void Another_folder_is_another_lock()
    {
        Directory.CreateDirectory(_folder["other"]);
        using var first = ServerLock.Take(_folder.Path);
        using var second = ServerLock.Take(_folder["other"]);
    }

    [Fact]
    public void A_lock_file_left_by_a_crash_locks_nobody_out()
    {
        File.WriteAllText(_folder["server.lock"], "");

        ServerLock.Take(_folder.Path).Dispose();
    }

    [Fact]
    public void A_folder_that_is_not_there_is_not_called_a_running_server()
    {
        Assert.Throws<DirectoryNotFoundException>(() => ServerLock.Take(_folder["absent"]));
    }
}

public sealed class PhraseTests
{
    private static readonly Phrase s_phrase = new("数据库被占用", "The database is in use");

    [Fact]
    public void People_read_their_own_language_and_logs_are_in_english()
    {
        Assert.Equal("数据库被占用", s_phrase.In(Language.Chinese));
        Assert.Equal("The database is in use", s_phrase.In(Language.English));
        Assert.Equal("The database is in use", $"{s_phrase}");
    }
}
