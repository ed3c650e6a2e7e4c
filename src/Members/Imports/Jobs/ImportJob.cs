using System.ComponentModel.DataAnnotations;
using Engagement.Members.Staff;

namespace Engagement.Members.Imports.Jobs;

/// <summary>Where uploaded files wait. Bound from <c>Imports</c>; refused at start when invalid.</summary>
public sealed class ImportJobOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Imports";

    /// <summary>The folder; files lie in it while they wait and are read, and are deleted then.</summary>
    /// <value>Default <c>imports</c> in the data folder.</value>
    [Required]
    public string Folder { get; set; } = "imports";

    /// <summary>How many files may wait at a time, over one process.</summary>
    /// <value>Default 20, from 1 to 1,000.</value>
    [Range(1, 1000)]
    public int MostWaiting { get; set; } = 20;
}

/// <summary>How far a job is. The numbers are in the table.</summary>
public enum ImportState
{
    /// <summary>Others are before it.</summary>
    Waiting = 1,

    /// <summary>It is being read.</summary>
    Running = 2,

    /// <summary>It was read to its end.</summary>
    Done = 3,

    /// <summary>The file cannot be read; nothing was written.</summary>
    Unreadable = 4,

    /// <summary>It went wrong on our side; what was written before stays, and the same file again goes on from there.</summary>
    Failed = 5,

    /// <summary>Staff stopped it; what was written before stays.</summary>
    Stopped = 6,

    /// <summary>Only shown: its process ended before it did. The same file again goes on from there.</summary>
    CutOff = 7,
}

/// <summary>A file that somebody uploaded.</summary>
public sealed record ImportJob
{
    /// <summary>Its id.</summary>
    public required long Id { get; init; }

    /// <summary>What is in it.</summary>
    public required ImportKind Kind { get; init; }

    /// <summary>The source code of its rows, where it has no such column.</summary>
    public required string Source { get; init; }

    /// <summary>What the uploader called it.</summary>
    public required string FileName { get; init; }

    /// <summary>Whether everything is checked and nothing written.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Who uploaded it.</summary>
    public required StaffId By { get; init; }

    /// <summary>When, in Unix milliseconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>How far it is.</summary>
    public ImportState State { get; init; } = ImportState.Waiting;

    /// <summary>When it ended.</summary>
    public long? FinishedAt { get; init; }

    /// <summary>Rows read so far, and of them refused; about how many there are.</summary>
    public ImportProgress Progress { get; init; }

    /// <summary>The file's hash, once it was read.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>What was done, as JSON; <c>null</c> until it is.</summary>
    public string? Report { get; init; }

    /// <summary>Why the file cannot be read, or what went wrong; <c>null</c> when nothing did.</summary>
    public (string Code, Storage.Phrase Sentence)? Error { get; init; }
}
