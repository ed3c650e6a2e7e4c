using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Engagement.EndToEnd.Chaos;

/// <summary>How an <c>engage serve</c> is started.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Data">Its data folder.</param>
/// <param name="Url">Where it listens.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Prefix">A program with arguments that starts it, for example <c>prlimit --fsize=…</c>.</param>
internal sealed record EngageStart(string Name, string Data, string Url, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<string> Prefix);

/// <summary>An <c>engage serve</c> that is killed and started again, until it is stopped.</summary>
internal sealed partial class EngageProcess
{
    private const int Killed = 128 + 9;
    private const int KeptLines = 400;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_crashPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_beforeAnother = TimeSpan.FromMilliseconds(200);

    private readonly Guardian _guardian;
    private readonly EngageStart _start;
    private readonly Queue<string> _crashes;
    private readonly Queue<string> _lines = [];
    private readonly Task _running;
    private Process? _process;
    private bool _stopping;
    private bool _ready;
    private bool _killing;
    private int _kills;
    private int _crashesLeft;

    /// <summary>Starts it.</summary>
    /// <param name="guardian">Ends it when nobody else does.</param>
    /// <param name="start">How.</param>
    /// <param name="crashes">Steps (<c>STEP:N</c>) at which it kills itself, one in each life, or (<c>STEP:N:stand</c>) stands still.</param>
    public EngageProcess(Guardian guardian, EngageStart start, IEnumerable<string> crashes)
    {
        (_guardian, _start, _crashes) = (guardian, start, new Queue<string>(crashes));
        _crashesLeft = _crashes.Count;
        _running = KeepAsync();
    }

    public string Name => _start.Name;

    /// <summary>How often it was killed, by itself or by us.</summary>
    public int Kills => Volatile.Read(ref _kills);

    /// <summary>Whether every planned crash has happened.</summary>
    public bool Crashed => Volatile.Read(ref _crashesLeft) == 0;

    /// <summary>Messages that its lives found in shards that they took: those that had not left, and those in doubt.</summary>
    public (int NeverLeft, int InDoubt) TakenOver { get; private set; }

    /// <summary>Whether it is stopped by a signal.</summary>
    public bool StandsStill => Living() is { } process && File.ReadAllText($"/proc/{process.Id}/stat").Split(") ")[^1].StartsWith('T');

    /// <summary>What it said last.</summary>
    public IReadOnlyList<string> Said()
    {
        lock (_lines) return [.. _lines];
    }

    /// <summary>Waits until its present life listens.</summary>
    public Task ReadyAsync() => Until.HoldsAsync($"{Name} listens\n{string.Join('\n', Said())}", s_patience, () => Task.FromResult(Volatile.Read(ref _ready)));

    /// <summary>Waits until every planned crash has happened.</summary>
    public Task CrashedAsync() => Until.HoldsAsync($"{Name} dies at {string.Join(", ", _crashes)}", s_crashPatience, () => Task.FromResult(Crashed));

    /// <summary>Kills it as soon as it listens; it is started again.</summary>
    public async Task KillAsync()
    {
        await ReadyAsync();
        Volatile.Write(ref _ready, false);
        if (Living() is not { } process) return;
        Volatile.Write(ref _killing, true);
        process.Kill();
    }

    /// <summary>Lets a process that stands still go on, as a machine does that swapped or was moved.</summary>
    public void Thaw()
    {
        if (Living() is { } process) Guardian.Signal(process, "CONT");
    }

    /// <summary>How large its files may grow; <c>null</c> for as large as they like.</summary>
    /// <remarks>The signal that goes with it must be switched off when it starts, so that the write is refused as on a full disk.</remarks>
    public void LimitFiles(long? bytes)
    {
        using var limit = Process.Start("prlimit", [$"--pid={Living()!.Id}", $"--fsize={(bytes is { } most ? most.ToString() : "unlimited")}:unlimited"]);
        limit.WaitForExit();
    }

    /// <summary>Ends it for good, in order or not.</summary>
    public async Task StopAsync(bool orderly = true)
    {
        Volatile.Write(ref _stopping, true);
        if (Living() is { } process) Guardian.Signal(process, orderly ? "TERM" : "KILL");
        if (await Task.WhenAny(_running, Task.Delay(s_patience)) != _running && Living() is { } stubborn) stubborn.Kill();
        await _running;
    }

    /// <summary>A command under these settings that speaks English.</summary>
    public static ProcessStartInfo Command(IReadOnlyDictionary<string, string> settings, IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in settings) start.Environment["Engagement__" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment.Remove("LC_ALL");
        return start;
    }

    private Process? Living()
    {
        lock (_lines) return _process is { HasExited: false } process ? process : null;
    }

    private async Task KeepAsync()
    {
        while (!Volatile.Read(ref _stopping))
        {
            _crashes.TryPeek(out var crash);
            using var process = Launch(crash);
            await process.WaitForExitAsync();
            _guardian.Forget(process);
            Volatile.Write(ref _ready, false);
            lock (_lines) _process = null;
            if (process.ExitCode == Killed)
            {
                Interlocked.Increment(ref _kills);
                // A plan that somebody else was quicker than is for the next life.
                if (!Interlocked.Exchange(ref _killing, false) && _crashes.TryDequeue(out _)) Interlocked.Decrement(ref _crashesLeft);
            }
            else if (!Volatile.Read(ref _stopping))
            {
                // Its database may be away: whoever keeps services waits a little, too.
                await Task.Delay(s_beforeAnother);
            }
        }
    }

    private Process Launch(string? crash)
    {
        var start = Command(_start.Settings, [.. _start.Prefix, "dotnet", Program(), "--data", _start.Data, "serve", "--url", _start.Url]);
        if (crash is not null) start.Environment["ENGAGEMENT_CRASH_AT"] = crash;
        var process = _guardian.Start(start);
        lock (_lines) _process = process;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > KeptLines) _lines.Dequeue();
            if (Taken().Match(line) is { Success: true } taken)
            {
                TakenOver = (TakenOver.NeverLeft + int.Parse(taken.Groups[1].ValueSpan), TakenOver.InDoubt + int.Parse(taken.Groups[2].ValueSpan));
            }
        }

        if (line.StartsWith("Listening on", StringComparison.Ordinal)) Volatile.Write(ref _ready, true);
    }

    /// <summary>The program, from the same build as this one.</summary>
    public static string Program() => Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Api", new DirectoryInfo(AppContext.BaseDirectory).Name, "Engagement.Api.dll"));

    [GeneratedRegex(@"(\d+) messages had not left and wait again, \d+ were accepted, (\d+) are in doubt")]
    private static partial Regex Taken();
}
