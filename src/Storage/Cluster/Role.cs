namespace Engagement.Storage.Cluster;

/// <summary>What a process does; <c>Roles</c> in the settings names one or several, separated by commas.</summary>
[Flags]
public enum Role
{
    /// <summary>Nothing that others need to know of: a command.</summary>
    None = 0,

    /// <summary>Answers HTTP.</summary>
    Api = 1,

    /// <summary>Sends, applies what providers push, and runs the daily automations.</summary>
    Worker = 2,

    /// <summary>Both: the embedded arrangement.</summary>
    All = Api | Worker,
}
